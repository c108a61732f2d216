"""The raw datasets that the shipped weights are made of, and the pictures that come from them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.shipping.all_faces import AllFacesFinder
from tools.shipping.overlap import without_shared
from tools.shipping.pictures import Picture
from tools.shipping.pools import (
    affectnet_crops,
    agreed,
    fer_crops,
    film_frames,
    film_of,
    folder_crops,
    labelled_faces,
    person_of,
    photographs,
    rafdb_crops,
)
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.options import Run
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.executor import Progress, no_progress

DATASETS = ("expw", "fer2013", "ck48", "rafdb", "affectnet", "sfew")
"""The folders below the raw data, each in its source's own layout."""
_VALIDATION = {"ck48": 0.25, "rafdb": 0.09, "affectnet": 0.07, "sfew": 0.25}

Pictures = Mapping[str, Sequence[Picture]]
"""The pictures of each source."""


@dataclass(frozen=True, slots=True)
class Materials:
    """Where the raw datasets lie, and where their conversions go.

    Args:
        raw: a folder that holds a folder for each of `DATASETS`; it is only read.
        work: for the conversions.

    Raises:
        YoloFerError: if one of the datasets is not there.
    """

    raw: Path
    work: Path

    def __post_init__(self) -> None:
        for name in DATASETS:
            if not (self.raw / name).is_dir():
                raise YoloFerError(
                    f"{self.raw} holds no folder {name}; give the folder that holds "
                    f"{', '.join(DATASETS)}, each as its source lays it out"
                )
        for file in (self._fer_table, self._fer_votes):
            if not file.is_file():
                raise YoloFerError(f"{file} is missing; FER2013 and the votes of FER+ are needed")

    @property
    def expw(self) -> Path:
        """ExpW with the default splits, on which everything is measured; no face painted over."""
        return self.work / "expw"

    def convert(self, workers: int, progress: Progress[Any] = no_progress) -> None:
        """Convert ExpW if that is not done yet; a conversion that was killed goes on."""
        run = Run(workers, progress=progress, resume=True)
        shown = ExpwOptions(unlabelled=Unlabelled.IGNORE)
        convert_expw(self.raw / "expw", self.expw, shown, run)
        every_face = ExpwOptions(min_score=0.0, unlabelled=Unlabelled.IGNORE)
        convert_expw(self.raw / "expw", self._every_face, every_face, run)

    def read(
        self, log: Callable[[str], None] = lambda message: None
    ) -> tuple[dict[str, list[Picture]], dict[str, list[Picture]]]:
        """Return the pictures to train on and those to validate on, of each source.

        Films, persons and near-duplicates are on one side only, and no crop shows a face that ExpW
        is validated or tested on: photographs are shared between the datasets.

        Args:
            log: is told of each source that was read.

        Raises:
            YoloFerError: if a dataset cannot be read.
        """
        finder = AllFacesFinder()
        raw, votes = self.raw, (self._fer_table, self._fer_votes)
        train = {"expw": photographs(self._every_face, self.expw, finder)}
        val = {"expw": labelled_faces(self.expw, "val")}
        measured = [*val["expw"], *labelled_faces(self.expw, "test")]

        def unshared(name: str, crops: list[Picture]) -> list[Picture]:
            kept = without_shared(crops, measured)
            if len(kept) < len(crops):
                log(f"{name}: {len(crops) - len(kept)} faces that ExpW is measured on")
            return kept

        for part, split in ((train, "train"), (val, "val")):
            part["fer2013"] = unshared("fer2013", fer_crops(*votes, split))
        for name, pictures, group in (
            ("ck48", unshared("ck48", folder_crops(raw / "ck48")), person_of),
            ("rafdb", unshared("rafdb", rafdb_crops(raw / "rafdb")), _name_of),
            (
                "affectnet",
                unshared("affectnet", affectnet_crops(raw / "affectnet", finder)),
                _name_of,
            ),
            ("sfew", film_frames(raw / "sfew", finder), film_of),
        ):
            held_out = [_draw(name, group(one)) < _VALIDATION[name] for one in pictures]
            train[name] = [one for one, out in zip(pictures, held_out, strict=True) if not out]
            val[name] = [one for one, out in zip(pictures, held_out, strict=True) if out]
        val["affectnet"] = [picture for picture in val["affectnet"] if agreed(picture)]
        for name in DATASETS:
            log(f"{name}: {len(train[name])} pictures, {len(val[name])} to validate on")
        return train, val

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


def _name_of(picture: Picture) -> str:
    return picture.name


def _draw(source: str, group: str) -> float:
    """Return a number from 0 to 1 that a group always gets."""
    digest = hashlib.sha256(f"{source} {group}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
