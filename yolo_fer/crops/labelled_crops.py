"""Reading face crops into memory: FER2013, FER+ and folders per emotion.

Validation images are taken out of the training images by groups of near-duplicates, and training
images that look like a test image are left out, as in a conversion (`convert.grouping`).
"""

from __future__ import annotations

import math
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer import images
from yolo_fer.convert.crops import NEAR_ALIGNED
from yolo_fer.convert.fer2013 import candidate
from yolo_fer.convert.fer2013_source import (
    CHOICES,
    SIDE,
    FerBallot,
    FerFace,
    majority,
    read_all_ballots,
    read_rows,
)
from yolo_fer.convert.folders_source import FolderImage, find_images
from yolo_fer.convert.grouping import Candidate, assign_splits
from yolo_fer.convert.rows import BadRow
from yolo_fer.crops.crop_set import CONTEMPT, Crops, DataChoice
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.errors import ImageError, YoloFerError, YoloFerWarning
from yolo_fer.images import Image
from yolo_fer.two_stage.classifier import scale

_FER_SHARES = SplitShares(val=0.05, test=0.0)  # 1,265 faces: enough to stop by
_FOLDER_SHARES = SplitShares()
_IN_MEMORY = 1 << 30  # bytes


@dataclass(frozen=True, slots=True)
class _Item:
    """One crop that has no split yet: its pixels, or the file that they are read from again."""

    pixels: NDArray[np.uint8] | Path
    target: NDArray[np.float32]
    label: int
    candidate: Candidate
    private: bool = False


def read_splits(choice: DataChoice, dropped: Counter[str]) -> dict[str, Crops]:
    """Read all crops and assign them to `train`, `val` and `test`.

    PublicTest is the test of FER2013. PrivateTest is left out, and so is what looks like it.

    Args:
        choice: the crops that are read, and their classes and size.
        dropped: the counts to which unusable crops are added, by reason.

    Raises:
        YoloFerError: if a file cannot be used, or there is no crop of the classes.
    """
    items = _read(choice, dropped)
    shares = _FOLDER_SHARES if choice.root.is_dir() else _FER_SHARES
    assigned = assign_splits([item.candidate for item in items], seed=0, shares=shares)
    splits = [
        "conflict" if where.conflict else "private" if item.private else where.split
        for item, where in zip(items, assigned, strict=True)
    ]
    dropped[DropReason.COPY_OF_ANOTHER_SPLIT] += splits.count("conflict")
    dropped[DropReason.PRIVATE_TEST] += splits.count("private")
    return {
        split: _stack([i for i, s in zip(items, splits, strict=True) if s == split], choice)
        for split in SPLITS
    }


def warn_of_absent(data: Path, splits: Mapping[str, Crops]) -> None:
    """Warn of the classes that a split has no face of, unless the split is empty."""
    for split, crops in splits.items():
        absent = [name for name, count in crops.counts().items() if not count]
        if absent and len(crops):
            warnings.warn(
                f"{data}: no {split} face shows {', '.join(absent)}", YoloFerWarning, stacklevel=3
            )


def read_all(choice: DataChoice, dropped: Counter[str]) -> Crops:
    """Read all crops as one set; see `read_splits`."""
    return _stack(_read(choice, dropped), choice)


def describe_dropped(dropped: Mapping[str, int]) -> str:
    """Return what was left out as words."""
    return ", ".join(
        f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(dropped.items()) if count
    )


def _read(choice: DataChoice, dropped: Counter[str]) -> list[_Item]:
    read = _read_folder if choice.root.is_dir() else _read_fer
    items = list(read(choice, dropped))
    if not items:
        raise YoloFerError(
            f"{choice.root} holds no usable face of {', '.join(choice.names)}; left out: "
            f"{describe_dropped(dropped) or 'nothing, it is empty'}"
        )
    return items


def _stack(items: Sequence[_Item], choice: DataChoice) -> Crops:
    first = items[0].pixels if items else None
    shape = first.shape if isinstance(first, np.ndarray) else choice.shape
    pixels = _room((len(items), *shape))
    for planes, item in zip(pixels, items, strict=True):
        own = item.pixels
        planes[:] = own if isinstance(own, np.ndarray) else _pixels(images.read(own), choice)
    return Crops(
        pixels,
        np.array([item.target for item in items], np.float32).reshape(-1, len(choice.names)),
        np.array([item.label for item in items], np.intp),
        choice.names,
    )


def _room(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return space for crops: a large one in a temporary file, which need not fit in the memory."""
    if math.prod(shape) <= _IN_MEMORY:
        return np.empty(shape, np.uint8)
    with tempfile.TemporaryFile() as file:  # the mapping keeps it; it need not be deleted
        return np.memmap(file, np.uint8, "w+", shape=shape)


def _read_fer(choice: DataChoice, dropped: Counter[str]) -> Iterator[_Item]:
    side = min(SIDE, choice.size)
    rows: Iterator[FerFace | FerBallot | BadRow] = (
        read_rows(choice.root, None)
        if choice.votes is None
        else read_all_ballots(choice.root, choice.votes)
    )
    for row in rows:
        if isinstance(row, BadRow):
            dropped[row.reason] += 1
            continue
        target, label = (
            _vote(row.counts, choice.names)
            if isinstance(row, FerBallot)
            else _certain(row.emotion.label, choice.names)
        )
        if target is None:
            dropped[DropReason.OTHER_CLASS] += 1
            continue
        grey = np.frombuffer(row.pixels, np.uint8).reshape(SIDE, SIDE)
        where = candidate(row.pixels, row.split)
        yield _Item(scale(grey, side)[None], target, label, where, row.private)


def _vote(counts: Sequence[int], names: tuple[str, ...]) -> tuple[NDArray[np.float32] | None, int]:
    """Return the shares of the classes in FER+'s votes, and the class that won them.

    There are none where the winner, or most annotators without agreeing, saw something else.
    """
    own = np.array([counts[CHOICES.index(name)] for name in names], np.float32)
    winner = majority(counts)
    if winner not in names and (winner is not None or 2 * own.sum() <= sum(counts)):
        return None, -1
    return own / own.sum(), -1 if winner is None else names.index(winner)


def _certain(name: str, names: tuple[str, ...]) -> tuple[NDArray[np.float32] | None, int]:
    if name not in names:
        return None, -1
    label = names.index(name)
    return np.eye(len(names), dtype=np.float32)[label], label


def _read_folder(choice: DataChoice, dropped: Counter[str]) -> Iterator[_Item]:
    for found in find_images(choice.root, choice.group_by, Path(os.devnull)):
        target, label = _certain(_class_of(found), choice.names)
        if target is None:
            dropped[DropReason.OTHER_CLASS] += 1
            continue
        try:
            data = images.read_bytes(choice.root / found.file)
            image = images.decode(data)
        except ImageError as error:
            dropped[error.reason] += 1
            continue
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        known = Candidate.of(data, grey, NEAR_ALIGNED, found.person, found.split)
        yield _Item(choice.root / found.file, target, label, known)


def _class_of(found: FolderImage) -> str:
    if found.emotion is not None:
        return found.emotion.label
    folders = [name.casefold() for name in PurePosixPath(found.file).parent.parts]
    return CONTEMPT if CONTEMPT in folders else ""


def _pixels(image: Image, choice: DataChoice) -> NDArray[np.uint8]:
    """Return (channels, S, S): here all crops have one size, since they stand in one array."""
    code = cv2.COLOR_BGR2GRAY if choice.channels == 1 else cv2.COLOR_BGR2RGB
    seen = scale(np.asarray(cv2.cvtColor(image, code), np.uint8), choice.size)
    return seen.reshape(choice.size, choice.size, choice.channels).transpose(2, 0, 1)
