"""Looking for what is wrong with a set before it is trained on."""
