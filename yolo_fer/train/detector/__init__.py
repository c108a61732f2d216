"""Training a detector: what it starts from, how, and in which run folder."""
