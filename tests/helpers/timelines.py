"""Timeline pictures of drawn frames."""

from __future__ import annotations

from pathlib import Path

from yolo_fer.images import Image, read
from yolo_fer.outputs import TimelineSink
from yolo_fer.predict.predicted import Predicted


def draw(path: Path, *frames: Predicted, blur: bool = False) -> Image:
    with TimelineSink(path, blur=blur) as sink:
        for predicted in frames:
            sink.write(predicted)
    return read(path)
