"""Prediction on videos, cameras and network streams."""
