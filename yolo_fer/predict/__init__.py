"""Predicting images and streams: tracking, smoothing, timeline, summary."""
