"""Where the cascade's training images come from: photographs with faces, and FER2013."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yolo_fer import images
from yolo_fer.boxes import Boxes, expw_to_retinaface
from yolo_fer.convert.crops import TIGHT
from yolo_fer.convert.rules import BoxConvention
from yolo_fer.crops.crop_set import Crops, DataChoice
from yolo_fer.crops.labelled_crops import read_splits
from yolo_fer.dataset.boxed_faces import read_search
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.dataset.samples import box_array
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import ImageError, YoloFerError, YoloFerWarning
from yolo_fer.evaluate.classifiers import as_images
from yolo_fer.faces.margin import widen_view
from yolo_fer.faces.mtcnn.cascade import Cascade
from yolo_fer.images import Image

FindWindows: TypeAlias = Callable[[Image], Boxes]
"""Returns boxes (N, 4) of an image that the networks so far take for faces, the best first."""


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A photograph with all its known faces.

    Args:
        path: the path of the image.
        boxes: (N, 4) of the labelled faces, tight corners in pixels.
        emotions: (N, 7) one-hot.
        ignored: (M, 4) of unlabelled faces and that may have been painted over: neither
            faces nor background.
    """

    path: Path
    boxes: NDArray[np.float64]
    emotions: NDArray[np.float32]
    ignored: NDArray[np.float64]


def read_photographs(folder: Path, split: str) -> list[Photograph]:
    """Read the photographs of a set that `yolo-fer convert` or `merge` wrote.

    Args:
        folder: the folder of the set.
        split: `train`, `val` or `test`.

    Raises:
        YoloFerError: if the folder is no converted set, or the split has no labelled face.
    """
    converted = open_converted_set(folder)
    search = read_search(folder, {row.source for row in converted.rows()})
    if search.left_alone:
        warnings.warn(
            f"{folder}: {', '.join(sorted(search.left_alone))} was converted with "
            "`unlabelled=keep`: unlabelled faces will be learned as background; convert it with "
            "mask or ignore",
            YoloFerWarning,
            stacklevel=2,
        )
    found = []
    for row, record in converted.images():
        if row.split != split:
            continue
        faces = record.faces()
        labelled = [face for face in faces if face.emotion is not None]
        numbers = [face.emotion for face in labelled]
        found.append(
            Photograph(
                folder / row.file,
                _tight(box_array(labelled), converted.boxes),
                np.eye(len(Emotion), dtype=np.float32)[np.array(numbers, np.intp)],
                _tight(box_array(f for f in faces if f.emotion is None), converted.boxes),
            )
        )
    if not any(len(photograph.boxes) for photograph in found):
        raise YoloFerError(f"{folder} has no labelled face in its split '{split}'")
    return found


def _tight(boxes: Boxes, convention: str) -> NDArray[np.float64]:
    tight = expw_to_retinaface(boxes) if convention == BoxConvention.EXPW else boxes
    return np.asarray(tight, np.float64)


def read_fer(table: Path, votes: Path | None, left_out: Counter[str]) -> dict[str, Crops]:
    """Read FER2013's faces of `train`, `val` and `test`; the last two only with a majority.

    Args:
        table: FER2013's CSV file, also compressed.
        votes: FER+'s votes in place of its labels.
        left_out: counts what could not be used, by reason.

    Raises:
        YoloFerError: if a file cannot be used.
    """
    splits = read_splits(DataChoice(table, votes, EMOTION_NAMES, 1, 48), left_out)
    return {
        split: crops if split == "train" else crops.labelled() for split, crops in splits.items()
    }


def annotate(cascade: Cascade, crops: Crops) -> NDArray[np.float64]:
    """Let a cascade box the faces of FER2013.

    Returns:
        (N, 4) tight corners in pixels of the crops, NaN where no face was found.
    """
    boxes = np.full((len(crops), 4), np.nan)
    for row, image in enumerate(as_images(crops.pixels)):
        found = find_in_crop(lambda view: cascade.find(view).boxes, image)
        boxes[row] = found[0] if len(found) else np.nan
    return boxes


def find_in_crop(find: FindWindows, image: Image) -> Boxes:
    """Find boxes in an image that a face fills; see `WithMargin`."""
    view, scale, margin = widen_view(image)
    return np.asarray((find(view) - margin) / scale)


def filled(boxes: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Put where RetinaFace finds FER2013's faces in the mean, where an annotation is NaN."""
    usual = expw_to_retinaface(box_array([TIGHT.box(side, side)]))[0]
    return np.where(np.isnan(boxes), usual, boxes)


def read_or_none(photograph: Photograph, left_out: Counter[str]) -> Image | None:
    """Read a photograph; one that cannot be read is counted."""
    try:
        return images.read(photograph.path)
    except ImageError as error:
        left_out[error.reason] += 1
        return None
