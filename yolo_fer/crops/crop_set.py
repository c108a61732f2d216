"""Face crops with their labels in memory, and which of a dataset's are wanted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import UnusedArgumentError, YoloFerError

CONTEMPT = "contempt"
"""The eighth class, which FER+, CK+ and AffectNet have and detectors do not."""


@dataclass(frozen=True, slots=True, eq=False)
class Crops:
    """Face crops of one split.

    Args:
        pixels: (N, channels, S, S) grey or RGB.
        targets: (N, C) the probability of each class; the sum of each row is 1.
        labels: (N,) the class that the majority named, -1 where there is none.
        names: the names of the C classes.
    """

    pixels: NDArray[np.uint8]
    targets: NDArray[np.float32]
    labels: NDArray[np.intp]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def sha256(self) -> str:
        """Return a hash of all pixels and targets."""
        digest = hashlib.sha256(self.targets.tobytes())
        for planes in self.pixels:
            digest.update(planes.tobytes())
        return digest.hexdigest()

    def chosen(self, rows: NDArray[np.bool_]) -> Crops:
        """Return the crops for which `rows` (N,) is true."""
        if rows.all():
            return self  # and no copy, which could be larger than the memory
        return Crops(self.pixels[rows], self.targets[rows], self.labels[rows], self.names)

    def labelled(self) -> Crops:
        """Return the crops on whose class the annotators agreed."""
        return self.chosen(self.labels >= 0)

    def counts(self) -> dict[str, int]:
        """Return how many crops each class has."""
        counts = np.bincount(self.labels[self.labels >= 0], minlength=len(self.names))
        return dict(zip(self.names, counts.tolist(), strict=True))


def class_names(contempt: bool) -> tuple[str, ...]:
    """Return the classes of a classifier: the seven emotions, and contempt if it is wanted."""
    return (*EMOTION_NAMES, CONTEMPT) if contempt else EMOTION_NAMES


@dataclass(frozen=True, slots=True)
class DataChoice:
    """Which crops are read, and how.

    Args:
        root: FER2013's CSV file, also compressed, or a folder with one per emotion.
        votes: FER+'s fer2013new.csv; its votes replace FER2013's labels.
        names: the names of the classes.
        channels: the number of colours: 1 for grey, 3 for RGB.
        size: the side of the network's input in pixels, to which files are scaled; FER2013's
            smaller faces are kept as they are.
        group_by: an expression that, found in the path of a folder's file, names the person.
    """

    root: Path
    votes: Path | None
    names: tuple[str, ...]
    channels: int
    size: int
    group_by: re.Pattern[str] | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of a crop that comes from a file: channels, height, width."""
        return self.channels, self.size, self.size

    def __post_init__(self) -> None:
        if not self.root.exists():
            raise YoloFerError(
                f"{self.root} does not exist; give FER2013's CSV file or a folder per emotion"
            )
        if self.votes is not None and self.root.is_dir():
            raise UnusedArgumentError(
                f"`ferplus` belongs to FER2013's CSV file, and {self.root} is a folder", "ferplus"
            )
