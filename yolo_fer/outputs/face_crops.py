"""Crops of the faces, sorted by expression, with an index that says where each comes from."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Self

import numpy as np

from yolo_fer.boxes import clip, widen
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.files import write_atomically
from yolo_fer.images import Image, encode_jpeg
from yolo_fer.images.fitting import fit_jpeg
from yolo_fer.inputs.addresses import place_of
from yolo_fer.outputs.face_blur import FaceBlur
from yolo_fer.outputs.sink import FileSink, refuse_filled_folder, writing
from yolo_fer.outputs.text import PROBABILITY_COLUMNS, face_columns, image_columns
from yolo_fer.paths import ESCAPE, encoded
from yolo_fer.predict.frame_time import seconds
from yolo_fer.predict.predicted import Predicted
from yolo_fer.results import FacePrediction, Prediction

INDEX_NAME = "faces.csv"
INDEX_COLUMNS = (
    "file", "source", "frame", "time_ms", "x1", "y1", "x2", "y2",
    "emotion", "score", *EMOTION_NAMES, *PROBABILITY_COLUMNS, "track",
)  # fmt: skip
_MARGIN = 0.1  # of a box's size, on each side: a crop is looked at, and the box is tight
_STEM_LENGTH = 40  # characters of up to four bytes; file systems allow 255 bytes a name


@dataclass(frozen=True, slots=True)
class _Crop:
    name: str
    image: Image
    face: FacePrediction
    prediction: Prediction


class FaceCropSink(FileSink):
    """JPEG crops of faces in a folder per emotion, and `faces.csv` with a row for each.

    Of an image every face is kept. Of a video or stream it is one crop a second: of each track the
    one with the best score in that second, and of faces that have no track those of the second's
    first frame. At most one second of crops is held in memory. A name such as
    `happiness/clip-1f0c9a-frame000123-track3-0.81.jpg` says source, frame, track and the score of
    the face; the six digits distinguish sources of the same name. A crop has a margin of a tenth of
    its box, the index has the box itself, in pixels of the whole image.

    Args:
        folder: the folder to write to; new or empty unless `overwrite` is set.
        overwrite: replace files in the folder.
        blur: hide the faces; names and index still say their expressions.

    Raises:
        UsageError: if the folder is not empty.
    """

    def __init__(self, folder: Path, overwrite: bool = False, *, blur: bool = False) -> None:
        refuse_filled_folder(folder, overwrite)
        self._folder = folder
        self._blur = FaceBlur(blur)
        self._second: tuple[str, int] | None = None
        self._best: dict[int, _Crop] = {}

    def __enter__(self) -> Self:
        """Start the index.

        Raises:
            YoloFerError: if the folder cannot be written to.
        """
        index = self._folder / INDEX_NAME
        with writing(index):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = index.open("w", encoding="utf-8", errors=ESCAPE, newline="")
            self._rows = csv.DictWriter(self._file, INDEX_COLUMNS, lineterminator="\n")
            self._rows.writeheader()
            self._file.flush()
        return self

    def finish(self) -> None:
        """Write the crops of the last second and close the index."""
        try:
            self._write_best()
        finally:
            with writing(self._folder / INDEX_NAME):
                self._file.close()

    def write(self, predicted: Predicted) -> None:
        """Keep the crops of one image, or those that the next frame of a video adds.

        Raises:
            YoloFerError: if they cannot be written, for example because the disk is full.
        """
        prediction = predicted.prediction
        if predicted.image is None:
            return
        begins = prediction.frame is not None and self._begin_second(prediction)
        wanted = [
            (index, face)
            for index, face in enumerate(prediction.faces)
            if self._is_wanted(face, prediction, begins)
        ]
        # It has to see every frame, since it remembers the faces.
        image = self._blur.hide(predicted.image, predicted.in_image)
        for crop in _cut(image, prediction, wanted):
            if prediction.frame is not None and crop.face.track is not None:
                self._best[crop.face.track] = crop
            else:
                self._write(crop)

    def _begin_second(self, prediction: Prediction) -> bool:
        second = prediction.source, int(seconds(prediction))
        if second == self._second:
            return False
        self._write_best()
        self._second = second
        return True

    def _is_wanted(self, face: FacePrediction, prediction: Prediction, begins: bool) -> bool:
        if prediction.frame is None:
            return True
        if face.track is None:
            return begins
        best = self._best.get(face.track)
        return best is None or face.score > best.face.score

    def _write_best(self) -> None:
        best, self._best = self._best, {}
        for crop in best.values():
            self._write(crop)

    def _write(self, crop: _Crop) -> None:
        target = self._folder / crop.face.emotion.label / crop.name
        with writing(target):
            target.parent.mkdir(exist_ok=True)
            write_atomically(target, encode_jpeg(fit_jpeg(crop.image)))
        row: dict[str, Any] = {"file": f"{target.parent.name}/{target.name}"}
        row |= image_columns(crop.prediction) | face_columns(crop.face)
        with writing(self._folder / INDEX_NAME):  # after the crop: it never names a missing file
            self._rows.writerow(row)
            self._file.flush()


def crops_in(folder: Path) -> Iterator[Path]:
    """Yield what lies in a folder where a `FaceCropSink` writes: its index and crops."""
    yield folder / INDEX_NAME
    for name in EMOTION_NAMES:
        with suppress(OSError):  # a folder that cannot be read is none to write to
            yield from (folder / name).iterdir()


def _cut(
    image: Image, prediction: Prediction, faces: Sequence[tuple[int, FacePrediction]]
) -> Iterator[_Crop]:
    """Yield the crops of faces with their indices; a box outside the image has none."""
    if not faces:
        return
    height, width = image.shape[:2]
    scale = width / prediction.width  # less than 1 where a huge image was decoded reduced
    boxes = scale * np.array([face.box for _, face in faces])
    boxes = clip(widen(boxes, _MARGIN), width, height)
    for (index, face), (x1, y1, x2, y2) in zip(faces, np.rint(boxes).astype(int), strict=True):
        if x1 < x2 and y1 < y2:
            pixels = image[y1:y2, x1:x2].copy()  # a view would keep the whole frame alive
            yield _Crop(_name(prediction, index, face), pixels, face, prediction)


def _name(prediction: Prediction, index: int, face: FacePrediction) -> str:
    digest = hashlib.sha256(encoded(prediction.source)).hexdigest()[:6]
    frame = "" if prediction.frame is None else f"-frame{prediction.frame:06}"
    who = f"face{index}" if face.track is None else f"track{face.track}"
    return f"{_stem(prediction.source)}-{digest}{frame}-{who}-{face.score:.2f}.jpg"


def _stem(source: str) -> str:
    """Return what a file name may hold of a source; of an address, neither name nor password."""
    stem = place_of(source) if "://" in source else PurePath(source).stem
    return re.sub(r"[^\w.-]+", "_", stem)[-_STEM_LENGTH:].strip("._-") or "source"
