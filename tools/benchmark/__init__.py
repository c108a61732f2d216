"""Measuring the speed goals: every figure is a ratio or a time of one run on one machine."""
