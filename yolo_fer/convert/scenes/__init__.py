"""Composing face crops into scenes."""
