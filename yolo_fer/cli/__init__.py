"""The command line. Nothing heavy is imported here; a command imports what it needs as it runs."""
