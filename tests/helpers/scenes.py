"""Drawn crops, and scenes that are composed of them."""

from __future__ import annotations

from functools import partial

from tests.helpers.drawn_crops import drawn_crop
from yolo_fer.convert.crops import TIGHT, AssignedCrop, Crop
from yolo_fer.convert.grouping import Candidate, SplitAssignment
from yolo_fer.convert.rules import BoxConvention
from yolo_fer.convert.scenes.composing import SceneTask, compose
from yolo_fer.emotions import Emotion


def crop(number: int, group: str = "", split: str = "train", side: int = 48) -> AssignedCrop:
    return AssignedCrop(
        Crop(
            line=number,
            source_file=f"{number}.png",
            candidate=Candidate(f"{number:064x}", "", 0),
            box=TIGHT.box(side, side),
            width=side,
            height=side,
            emotion=Emotion(number % 7),
            load=partial(drawn_crop, Emotion(number % 7), number, side),
        ),
        SplitAssignment(group or f"g{number}", split, False),
    )


def scenes_of(crops: list[AssignedCrop], seed: int = 0, **options: object) -> list[SceneTask]:
    settings = {"convention": BoxConvention.EXPW, **options}
    return compose("drawn", crops, seed=seed, **settings)  # type: ignore[arg-type]
