"""A predictor that runs when it is told to."""

from __future__ import annotations

import threading

from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.images import Image
from yolo_fer.results import Prediction


class HeldPredictor(BrightnessPredictor):
    """Waits in each run until `go` is set, and remembers how many images each run had.

    Args:
        batch: how many images it says that it runs at once; None says nothing.
    """

    def __init__(self, batch: int | None = None) -> None:
        if batch is not None:
            self.batch = batch
        self.go = threading.Event()
        self.runs_begun = threading.Semaphore(0)
        self.batches: list[int] = []

    def predict(self, images: list[Image]) -> list[Prediction]:
        self.batches.append(len(images))
        self.runs_begun.release()
        assert self.go.wait(30)
        return super().predict(images)
