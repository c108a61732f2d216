"""Trained weights as files that other runtimes take, proved to find the same faces."""
