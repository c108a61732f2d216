"""Looking at a set before it is trained on: `check` and `view`."""
