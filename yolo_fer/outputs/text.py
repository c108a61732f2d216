"""Predictions as text: JSON lines and CSV, each line written as it happens."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any, Self, TextIO

from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import UsageError
from yolo_fer.outputs.sink import refuse_existing_file, writing
from yolo_fer.paths import ESCAPE, escaped
from yolo_fer.predict.predicted import Predicted
from yolo_fer.results import FacePrediction, Prediction

PROBABILITY_COLUMNS = tuple(f"probability_{name}" for name in EMOTION_NAMES)
FACE_COLUMNS = (
    "source",
    "frame",
    "time_ms",
    "x1",
    "y1",
    "x2",
    "y2",
    "emotion",
    "score",
    *EMOTION_NAMES,
    *PROBABILITY_COLUMNS,
    "track",
)
"""Of a table of faces."""
CSV_COLUMNS = (*FACE_COLUMNS, "error")


class TextSink:
    """A text file, or standard output for `-`, that holds whole lines at any time."""

    def __init__(self, target: Path | str, overwrite: bool = False) -> None:
        if target != "-":
            refuse_existing_file(Path(target), overwrite)
        self.target = str(target)

    def __enter__(self) -> Self:
        if self.target != "-":
            self.file = self._open(Path(self.target))
        elif sys.stdout is None:  # closed by what started this process
            raise UsageError("standard output is closed; name a file instead of -")
        else:
            self.file = sys.stdout
        return self

    def _open(self, path: Path) -> TextIO:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("w", encoding="utf-8", errors=ESCAPE, newline="")
        except OSError as error:
            raise UsageError(f"{path} cannot be written ({error})") from error

    def __exit__(self, *_: object) -> None:
        if self.file is not sys.stdout:
            with writing(self.target):
                self.file.close()


class JsonLinesSink(TextSink):
    """One JSON object a line, flushed at once, for pipes.

    Args:
        target: a file, or `-` for standard output.
        overwrite: replace a file that exists.

    Raises:
        UsageError: if the file exists, or, on entering, cannot be written.
    """

    def write(self, predicted: Predicted) -> None:
        """Write one line.

        Raises:
            YoloFerError: if it cannot be written, for example because the disk is full.
        """
        with writing(self.target):
            self.file.write(json_line(predicted.prediction))
            self.file.flush()


def json_line(prediction: Prediction) -> str:
    """Return the line of one image, a JSON object and a line feed.

    ASCII only: standard output has the encoding of the console.
    """
    return json.dumps(prediction.to_json()) + "\n"


class CsvSink(TextSink):
    """One row a face; an image that could not be read has a row with its error.

    Args:
        target: a file, or `-` for standard output.
        overwrite: replace a file that exists.

    Raises:
        UsageError: if the file exists, or, on entering, cannot be written.
    """

    def __enter__(self) -> Self:
        """Open the file and write the header."""
        super().__enter__()
        self._rows = csv.DictWriter(self.file, CSV_COLUMNS, lineterminator="\n")
        with writing(self.target):
            self._rows.writeheader()
        return self

    def write(self, predicted: Predicted) -> None:
        """Write the rows of one image.

        Raises:
            YoloFerError: if they cannot be written, for example because the disk is full.
        """
        prediction = predicted.prediction
        with writing(self.target):
            self._rows.writerows(face_rows(prediction))
            if prediction.error is not None:
                self._rows.writerow(image_columns(prediction) | {"error": prediction.error})
            self.file.flush()


def image_columns(prediction: Prediction) -> dict[str, Any]:
    """Return the columns that say where a face was found."""
    return {
        "source": escaped(prediction.source),
        "frame": prediction.frame,
        "time_ms": prediction.time_ms,
    }


def face_rows(prediction: Prediction) -> list[dict[str, Any]]:
    """Return a row of `FACE_COLUMNS` for each face of an image or a frame."""
    return [image_columns(prediction) | face_columns(face) for face in prediction.faces]


def face_columns(face: FacePrediction) -> dict[str, Any]:
    """Return the columns of one face."""
    values = face.to_json()
    corners = dict(zip(("x1", "y1", "x2", "y2"), values["box"], strict=True))
    own = {key: values[key] for key in ("emotion", "score", "track")}
    probabilities = zip(PROBABILITY_COLUMNS, values["probabilities"].values(), strict=True)
    scores: dict[str, float] = values["scores"]
    return corners | own | scores | dict(probabilities)
