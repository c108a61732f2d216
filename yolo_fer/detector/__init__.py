"""The single-shot detector: load a network, preprocess, decode, one face = one box."""

from yolo_fer.detector.detector import Detector

__all__ = ["Detector"]
