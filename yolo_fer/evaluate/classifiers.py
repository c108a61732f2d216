"""Measuring classifiers on the crops of a set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.convert.folders_source import compile_group_by
from yolo_fer.crops.crop_set import Crops, DataChoice, class_names
from yolo_fer.crops.labelled_crops import read_all, read_splits, warn_of_absent
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.evaluate.classifier_scores import Scores, score
from yolo_fer.evaluate.environment import installed_versions
from yolo_fer.images import Image
from yolo_fer.two_stage.classifier import Classifier

ALL = "all"
_AT_ONCE = 512  # crops


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What classifiers, joined if there are several, reach on a set.

    Args:
        classifiers: names of the files.
        weights_sha256: the SHA-256 hash of each file.
        flip: whether each face was seen mirrored, too.
        data: the CSV file or folder.
        ferplus: the votes, None without them.
        split: `train`, `val`, `test` or `all`.
        left_out: what of the whole file or folder could not be used, by reason.
        scores: all figures.
    """

    classifiers: tuple[str, ...]
    weights_sha256: tuple[str, ...]
    flip: bool
    data: str
    ferplus: str | None
    split: str
    left_out: Mapping[str, int]
    scores: Scores

    def to_json(self) -> dict[str, Any]:
        """Return the object that `--json` writes."""
        return {
            "classifiers": list(self.classifiers),
            "weights_sha256": list(self.weights_sha256),
            "flip": self.flip,
            "data": self.data,
            "ferplus": self.ferplus,
            "split": self.split,
            "left_out": dict(self.left_out),
            "versions": installed_versions(),
            **self.scores.to_json(),
        }


def evaluate_on(
    classifiers: Sequence[Classifier],
    root: Path,
    votes: Path | None,
    split: str | None,
    group_by: str | None = None,
) -> Evaluation:
    """Measure classifiers on FER2013, FER+ or a folder per emotion.

    Args:
        classifiers: one, or several whose probabilities are averaged.
        root: FER2013's CSV file or a folder.
        votes: the votes of FER+.
        split: `train`, `val`, `test` as in a training, or `all`; None takes the test faces of a CSV
            file and all of a folder.
        group_by: an expression that, found in the path of a folder's file, names the person; it has
            to be that of the training, so that the splits are the same.

    Raises:
        UsageError: if the classifiers have different classes, or there is no such split.
        YoloFerError: if data cannot be used, or no labelled face is left.
    """
    names = _common_names(classifiers)
    choice = DataChoice(
        root=root,
        votes=votes,
        names=names,
        channels=max(c.description.channels for c in classifiers),
        size=max(c.description.size for c in classifiers),
        group_by=compile_group_by(group_by) if group_by else None,
    )
    split = split or (ALL if root.is_dir() else "test")
    if split not in (ALL, "train", "val", "test"):
        raise UsageError(f"`split={split}` is none of train, val, test and all")
    left_out: Counter[str] = Counter()
    crops = read_all(choice, left_out) if split == ALL else read_splits(choice, left_out)[split]
    labelled = crops.labelled()
    left_out[DropReason.NO_MAJORITY] += len(crops) - len(labelled)
    if not len(labelled):
        raise YoloFerError(f"{root} has no labelled face of the split {split}")
    warn_of_absent(root, {split: labelled})
    return Evaluation(
        classifiers=tuple(c.name for c in classifiers),
        weights_sha256=tuple(c.weights_sha256 for c in classifiers),
        flip=classifiers[0].flip,
        data=str(root),
        ferplus=str(votes) if votes else None,
        split=split,
        left_out=+left_out,
        scores=score(labelled.labels, probabilities(classifiers, labelled), names),
    )


def _common_names(classifiers: Sequence[Classifier]) -> tuple[str, ...]:
    names = classifiers[0].names
    for classifier in classifiers:
        if classifier.names != names:
            raise UsageError(
                f"{classifier.name} names {', '.join(classifier.names)}, and {classifiers[0].name} "
                f"names {', '.join(names)}: only classifiers of the same classes can be joined"
            )
    foreign = [name for name in names if name not in class_names(contempt=True)]
    if foreign:
        raise YoloFerError(
            f"{classifiers[0].name} has the class {foreign[0]}, which no dataset here has"
        )
    return names


def probabilities(classifiers: Sequence[Classifier], crops: Crops) -> NDArray[np.float32]:
    """Return (N, C) the mean of the classifiers' probabilities for N crops, N at least 1."""
    parts = []
    for start in range(0, len(crops), _AT_ONCE):
        images = list(as_images(crops.pixels[start : start + _AT_ONCE]))
        parts.append(np.mean([c.classify(images) for c in classifiers], axis=0))
    return np.concatenate(parts)


def as_images(pixels: NDArray[np.uint8]) -> Iterator[Image]:
    """Yield crops (N, 1 or 3, S, S), grey or RGB, as BGR images."""
    for planes in pixels:
        if len(planes) == 1:
            yield np.asarray(cv2.cvtColor(planes[0], cv2.COLOR_GRAY2BGR), np.uint8)
        else:
            yield np.ascontiguousarray(planes[::-1].transpose(1, 2, 0))
