"""Predicting archives: many sources, on all cores or a cluster, into one table of faces."""
