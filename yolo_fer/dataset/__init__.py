"""The folder format that conversions write and everything else reads."""
