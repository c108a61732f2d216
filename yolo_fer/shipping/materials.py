"""The raw datasets that the shipped weights are made of, and the pictures that come from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yolo_fer.convert.affwild2 import convert_affwild2
from yolo_fer.convert.affwild2_options import Affwild2Options
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.errors import YoloFerError
from yolo_fer.shipping.pictures import Picture
from yolo_fer.shipping.pools import (
    fer_crops,
    folder_crops,
    labelled_faces,
    photographs,
)

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

    @property
    def expw(self) -> Path:
        """ExpW converted as by default: the split that everything is measured on."""
        return self.work / "expw"

    def convert(self, workers: int) -> None:
        """Convert what is not converted yet; a conversion that was killed goes on."""
        expw, videos = self.raw / "expw", self.raw / "affwild2"
        convert_expw(expw, self.expw, ExpwOptions(), workers=workers, resume=True)
        every_face = ExpwOptions(min_score=0.0, unlabelled=Unlabelled.IGNORE)
        convert_expw(expw, self._every_face, every_face, workers=workers, resume=True)
        convert_affwild2(videos, self._videos, Affwild2Options(), workers=workers, resume=True)

    def photographs(self) -> list[Picture]:
        """Return ExpW's training photographs with all their faces."""
        return photographs(self._every_face, self.expw)

    def validation_photographs(self) -> list[Picture]:
        """Return ExpW's validation photographs with their labelled faces."""
        return labelled_faces(self.expw, "val")

    def frames(self) -> list[Picture]:
        """Return training frames of Aff-Wild2."""
        return labelled_faces(self._videos, "train", _FRAMES_APART)

    def fer(self, split: str) -> list[Picture]:
        """Return FER2013's faces of `train` or `val` with FER+'s votes."""
        folder = self.raw / "fer2013"
        tables = sorted(folder.glob("fer2013.csv*"))
        if not tables:
            raise YoloFerError(f"{folder} holds no fer2013.csv, plain or compressed")
        return fer_crops(tables[0], folder / "fer2013new.csv", split)

    def posed(self) -> list[Picture]:
        """Return CK+'s faces."""
        return folder_crops(self.raw / "ck48")

    @property
    def _every_face(self) -> Path:
        return self.work / "expw_every_face"

    @property
    def _videos(self) -> Path:
        return self.work / "affwild2"
