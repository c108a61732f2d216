"""Measuring detectors and two-stage systems, and comparing them."""
