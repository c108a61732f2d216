"""One table of all systems, measured on the same images with the same settings."""
