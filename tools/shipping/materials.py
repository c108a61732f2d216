"""The raw datasets that the shipped weights are made of, and the pictures that come from them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.shipping.overlap import without_shared
from tools.shipping.pictures import Picture
from tools.shipping.pools import (
    fer_crops,
    folder_crops,
    labelled_faces,
    photographs,
)
from yolo_fer.convert.affwild2.conversion import convert_affwild2
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.folders_source import find_images
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.convert.steps import Progress, no_progress
from yolo_fer.errors import YoloFerError

_FRAMES_APART = 4  # of Aff-Wild2; neighbours look alike


@dataclass(frozen=True, slots=True)
class Materials:
    """Where the raw datasets lie, and where their conversions go.

    Args:
        raw: a folder that holds `expw/`, `affwild2/`, `fer2013/` and `ck48/`, each in its source's
            own layout; it is only read.
        work: for the conversions.

    Raises:
        YoloFerError: if one of the datasets is not there.
    """

    raw: Path
    work: Path

    def __post_init__(self) -> None:
        for name in ("expw", "affwild2", "fer2013", "ck48"):
            if not (self.raw / name).is_dir():
                raise YoloFerError(
                    f"{self.raw} holds no folder {name}; give the folder that holds expw, "
                    "affwild2, fer2013 and ck48, each as its source lays it out"
                )
        for file in (self._fer_table, self._fer_votes):
            if not file.is_file():
                raise YoloFerError(f"{file} is missing; FER2013 and the votes of FER+ are needed")
        find_images(self.raw / "ck48", None, Path(os.devnull))  # an empty folder is an error

    @property
    def expw(self) -> Path:
        """ExpW converted as by default: the split that everything is measured on."""
        return self.work / "expw"

    def convert(self, workers: int, progress: Progress[Any] = no_progress) -> None:
        """Convert what is not converted yet; a conversion that was killed goes on."""
        expw, videos = self.raw / "expw", self.raw / "affwild2"
        how: Any = {"workers": workers, "resume": True, "progress": progress}
        convert_expw(expw, self.expw, ExpwOptions(), **how)
        every_face = ExpwOptions(min_score=0.0, unlabelled=Unlabelled.IGNORE)
        convert_expw(expw, self._every_face, every_face, **how)
        convert_affwild2(videos, self._videos, Affwild2Options(), **how)

    def photographs(self) -> list[Picture]:
        """Return ExpW's training photographs with all their faces."""
        return photographs(self._every_face, self.expw)

    def validation_photographs(self) -> list[Picture]:
        """Return ExpW's validation photographs with their labelled faces."""
        return labelled_faces(self.expw, "val")

    def measured_on(self) -> list[Picture]:
        """Return ExpW's validation and test photographs with their labelled faces."""
        return [*self.validation_photographs(), *labelled_faces(self.expw, "test")]

    def frames(self) -> list[Picture]:
        """Return training frames of Aff-Wild2."""
        return labelled_faces(self._videos, "train", _FRAMES_APART)

    def fer(self, split: str) -> list[Picture]:
        """Return FER2013's faces of `train` or `val` with FER+'s votes.

        Photographs that ExpW is measured on are not among those of `train`; there are some.
        """
        crops = fer_crops(self._fer_table, self._fer_votes, split)
        return without_shared(crops, self.measured_on()) if split == "train" else crops

    def posed(self) -> list[Picture]:
        """Return CK+'s faces, without any that ExpW is measured on."""
        return without_shared(folder_crops(self.raw / "ck48"), self.measured_on())

    @property
    def _fer_table(self) -> Path:
        tables = sorted((self.raw / "fer2013").glob("fer2013.csv*"))
        return tables[0] if tables else self.raw / "fer2013" / "fer2013.csv"

    @property
    def _fer_votes(self) -> Path:
        return self.raw / "fer2013" / "fer2013new.csv"

    @property
    def _every_face(self) -> Path:
        return self.work / "expw_every_face"

    @property
    def _videos(self) -> Path:
        return self.work / "affwild2"
