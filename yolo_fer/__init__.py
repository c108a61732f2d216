"""Single-shot facial-expression detection: each of seven expressions is its own object class."""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from yolo_fer.detector import Detector
    from yolo_fer.emotions import Emotion
    from yolo_fer.predict.predicted import Predicted
    from yolo_fer.results import FacePrediction, Prediction, Result, to_df
    from yolo_fer.two_stage.pipeline import load_pipeline

__all__ = [
    "Detector",
    "Emotion",
    "FacePrediction",
    "Predicted",
    "Prediction",
    "Result",
    "__version__",
    "load_pipeline",
    "to_df",
]

_HOME = {
    "Detector": "yolo_fer.detector",
    "Emotion": "yolo_fer.emotions",
    "FacePrediction": "yolo_fer.results",
    "Predicted": "yolo_fer.predict.predicted",
    "Prediction": "yolo_fer.results",
    "Result": "yolo_fer.results",
    "load_pipeline": "yolo_fer.two_stage.pipeline",
    "to_df": "yolo_fer.results",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that `import yolo_fer` costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'yolo_fer' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOME[name]), name)
