"""Labelled crops of faces in memory: what classifiers are trained and measured on."""
