"""`convert fer2013`: the whole conversion of FER2013, with or without the votes of FER+."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np

from yolo_fer.convert.crops import TIGHT, Crop, select_crops
from yolo_fer.convert.fer2013_source import SIDE, read_rows
from yolo_fer.convert.grouping import Candidate, assign_splits
from yolo_fer.convert.options import ConvertOptions, Run
from yolo_fer.convert.rows import usable
from yolo_fer.convert.scenes.composing import DEFAULT_LONG_SIDE, SceneTask, check_long_side, compose
from yolo_fer.convert.steps import begin, end, no_face_left, write_all
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.dataset.writer import writing_set
from yolo_fer.errors import YoloFerError
from yolo_fer.images import Image
from yolo_fer.runtime.folder_lock import locks_out
from yolo_fer.weights.hashes import sha256_of

# All pairs at up to 60 differing bits that were looked at are one photograph, cut, scaled or
# watermarked; at 64 to 68 one in five shows two people.
_NEAR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fer2013Options(ConvertOptions):
    """How FER2013 is converted; see `ConvertOptions` for what is not listed here.

    Args:
        votes: fer2013new.csv of FER+; its majority replaces the label, all votes are kept in the
            manifest. None keeps FER2013's labels.
        shares: the shares of the groups of the training faces that go to val; test is the dataset's
            own.
        long_side: the long side of the composed scenes, in pixels.

    Raises:
        UsageError: if scenes would be too small.
    """

    votes: Path | None = None
    shares: SplitShares = field(default_factory=lambda: SplitShares(test=0.0))
    long_side: int = DEFAULT_LONG_SIDE

    def __post_init__(self) -> None:
        check_long_side(self.long_side)

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result.

        Raises:
            YoloFerError: if the file of the votes cannot be read.
        """
        return {
            **ConvertOptions.to_json(self),
            "ferplus": self.votes is not None,
            **({} if self.votes is None else {"ferplus_sha256": _hash_votes(self.votes)}),
            "val": self.shares.val,
            "long_side": self.long_side,
        }


def _hash_votes(votes: Path) -> str:
    try:
        return sha256_of(votes)
    except OSError as error:
        raise YoloFerError(
            f"{votes} cannot be read ({error.strerror or error}); give the file of the votes"
        ) from error


@locks_out
def convert_fer2013(
    table: Path, out: Path, options: Fer2013Options, run: Run = Run()
) -> dict[str, Any] | None:
    """Compose the faces of FER2013 into scenes and write them as a YOLO folder.

    Args:
        table: Kaggle's fer2013.csv, also compressed; it is only read, row by row.
        out: the folder that the set is written to.
        options: the settings of the conversion.
        run: the workers, the progress, and whether to resume; none of it changes a byte of the
            result.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        YoloFerError: if a file is damaged, nothing can be written, or no face is left.
    """
    table, out = table.absolute(), out.absolute()  # a cluster's workers have other folders
    _check_table(table, options.votes)
    ledger = Ledger()
    with begin(table, out, options, run) as begun:
        if begun is None:
            return None
        work, workers = begun
        write_all(_plan(table, work, options, ledger), out, workers)
    ledger.dropped.sort(key=lambda row: row.line)
    return end(out, "fer2013", options, ledger, None, [])


def _check_table(table: Path, votes: Path | None) -> None:
    """Make sure that a table can be read before a set is replaced by what is made of it.

    Raises:
        YoloFerError: if a file is damaged or the table holds no row.
    """
    if next(iter(read_rows(table, votes)), None) is None:
        raise YoloFerError(f"{table} holds no row; it should have one row per face")


def _plan(table: Path, work: Path, options: Fer2013Options, ledger: Ledger) -> list[SceneTask]:
    """Read the table and plan the scenes of its faces."""
    with writing_set(work), (work / "pixels").open("wb") as pixels:
        crops = list(_read(table, options.votes, pixels, work / "pixels", ledger))
    assigned = assign_splits([crop.candidate for crop in crops], options.seed, options.shares)
    tasks = compose(
        "fer2013",
        select_crops(crops, assigned, ledger),
        seed=options.seed,
        convention=options.boxes,
        long_side=options.long_side,
    )
    ledger.add_samples(task.sample for task in tasks)
    ledger.check()
    if not tasks:
        raise no_face_left(table, "rows", ledger)
    return tasks


def _read(
    table: Path, votes: Path | None, pixels: IO[bytes], store: Path, ledger: Ledger
) -> Iterator[Crop]:
    """Yield a crop for each usable row, whose pixels go to a file, and account for the others."""
    for row in usable(read_rows(table, votes), ledger):
        load = partial(load_face, store, pixels.tell())
        pixels.write(row.pixels)
        yield Crop(
            line=row.line,
            source_file=f"{table.name}:{row.line}",
            candidate=candidate(row.pixels, row.split),
            box=TIGHT.box(SIDE, SIDE),
            width=SIDE,
            height=SIDE,
            emotion=row.emotion,
            load=load,
            votes=row.votes,
        )


def candidate(pixels: bytes, split: str) -> Candidate:
    """Return what decides the split of a face.

    Args:
        pixels: 2,304 bytes, row by row from the top.
        split: the split that FER2013 has it in.
    """
    grey = np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE)
    return Candidate.of(pixels, grey, _NEAR, None, split)


def load_face(store: Path, offset: int) -> Image:
    """Return the face that stands at an offset of a file of raw pixels."""
    grey = np.fromfile(store, np.uint8, count=SIDE * SIDE, offset=offset).reshape(SIDE, SIDE)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
