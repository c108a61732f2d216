"""Predictions of image files by a predictor that measures brightness."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.inputs.listing import collect_images
from yolo_fer.predict.image_files import predict_images
from yolo_fer.predict.predicted import Predicted


def predict(*sources: Path | str) -> list[Predicted]:
    """Return what a predictor that measures brightness says of image files."""
    inputs = collect_images([str(source) for source in sources])
    return list(predict_images(BrightnessPredictor(), inputs))
