"""Raw datasets as they lie on disk."""
