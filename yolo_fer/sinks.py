"""Where predictions go: JSON lines, CSV, annotated copies. Each is a context manager."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from yolo_fer.drawing import annotate
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.image_inputs import ImageInput
from yolo_fer.images import encode_jpeg, write_atomically
from yolo_fer.predicting import Predicted
from yolo_fer.predictions import FacePrediction, Prediction

CSV_COLUMNS = (
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
    "track",
    "error",
)


class Sink(Protocol):
    """Takes what was predicted, image by image."""

    def __enter__(self) -> Self:
        """Open it."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""

    def write(self, predicted: Predicted) -> None:
        """Take one image's prediction."""


@contextmanager
def _writing(target: Path | str) -> Iterator[None]:
    """Turn a failure to write, such as a full disk, into an error that names the target."""
    try:
        yield
    except BrokenPipeError:
        raise  # no failure: whoever reads standard output has had enough
    except OSError as error:
        name = "standard output" if target == "-" else target
        raise YoloFerError(f"{name} cannot be written ({error.strerror or error})") from error


class _TextSink:
    """A text file, or standard output for `-`, that holds whole lines at any time."""

    def __init__(self, target: str, overwrite: bool = False) -> None:
        if target != "-" and not overwrite and Path(target).exists():
            raise UsageError(f"{target} exists; give another name or --overwrite")
        self._target = target

    def __enter__(self) -> Self:
        self._file = sys.stdout if self._target == "-" else self._open(Path(self._target))
        return self

    def _open(self, path: Path) -> TextIO:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # A file name may hold bytes that are no UTF-8.
            return path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        except OSError as error:
            raise UsageError(f"{path} cannot be written ({error})") from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not sys.stdout:
            with _writing(self._target):
                self._file.close()


class JsonLinesSink(_TextSink):
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
        # ASCII only: standard output has the encoding of the console.
        line = json.dumps(predicted.prediction.to_json()) + "\n"
        with _writing(self._target):
            self._file.write(line)
            self._file.flush()


class CsvSink(_TextSink):
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
        self._rows = csv.DictWriter(self._file, CSV_COLUMNS, lineterminator="\n")
        self._rows.writeheader()
        return self

    def write(self, predicted: Predicted) -> None:
        """Write the rows of one image.

        Raises:
            YoloFerError: if they cannot be written, for example because the disk is full.
        """
        prediction = predicted.prediction
        with _writing(self._target):
            for face in prediction.faces:
                self._rows.writerow(_image_columns(prediction) | _face_columns(face))
            if prediction.error is not None:
                self._rows.writerow(_image_columns(prediction) | {"error": prediction.error})
            self._file.flush()


def _image_columns(prediction: Prediction) -> dict[str, Any]:
    return {
        "source": prediction.source,
        "frame": prediction.frame,
        "time_ms": prediction.time_ms,
    }


def _face_columns(face: FacePrediction) -> dict[str, Any]:
    values = face.to_json()
    corners = dict(zip(("x1", "y1", "x2", "y2"), values["box"], strict=True))
    own = {key: values[key] for key in ("emotion", "score", "track")}
    scores: dict[str, float] = values["scores"]
    return corners | own | scores


class AnnotatedImageSink:
    """Copies of the images with boxes and labels drawn in, as JPEG files.

    The copies mirror the sub-folders of the sources. Where two would have the same name, letter
    case aside, the later one gets a number, so that a folder can be carried to any file system.

    Args:
        folder: to write to; new or empty unless `overwrite` is set.
        inputs: all images that will come.
        overwrite: replace files in the folder.

    Raises:
        UsageError: if the folder is not empty, or a copy would replace one of the inputs.
    """

    def __init__(self, folder: Path, inputs: Iterable[ImageInput], overwrite: bool = False) -> None:
        if not overwrite and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is not an empty folder; give another one or --overwrite")
        items = list(inputs)
        self._targets = _plan_targets(folder, items)
        originals = {item.path.resolve() for item in items}
        for target in self._targets.values():
            if target.resolve() in originals:
                raise UsageError(f"{target} is one of the images to predict; give another folder")

    def __enter__(self) -> Self:
        """Nothing is open between images."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing to close."""

    def write(self, predicted: Predicted) -> None:
        """Write one annotated copy; an image that could not be read has none.

        Raises:
            YoloFerError: if it cannot be written, for example because the disk is full.
        """
        if predicted.image is None or predicted.input is None:
            return
        target = self._targets[predicted.input]
        data = encode_jpeg(annotate(predicted.image, predicted.prediction.faces))
        with _writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, data)


def _plan_targets(folder: Path, items: Iterable[ImageInput]) -> dict[ImageInput, Path]:
    taken: set[str] = set()
    targets: dict[ImageInput, Path] = {}
    for item in items:
        name = _free_name(item.target, taken)
        taken.add(str(name).casefold())
        targets[item] = folder / name
    return targets


def _free_name(wanted: PurePosixPath, taken: set[str]) -> PurePosixPath:
    name, number = wanted.with_suffix(".jpg"), 1
    while str(name).casefold() in taken:
        number += 1
        name = wanted.with_name(f"{wanted.stem}-{number}.jpg")
    return name
