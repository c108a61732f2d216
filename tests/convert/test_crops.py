"""Faces that fill their image: where their box lies, and which of them are used."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.saved_images import saved
from yolo_fer.convert.crops import TIGHT, Crop, load_crop, select_crops
from yolo_fer.convert.grouping import Candidate, SplitAssignment
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError

TRAIN, TEST = SplitAssignment("g", "train", False), SplitAssignment("g", "test", False)


def crop(line: int, emotion: Emotion = Emotion.FEAR, content: str = "") -> Crop:
    candidate = Candidate(content or f"{line:064x}", "", 0)
    box = TIGHT.box(48, 48)
    return Crop(line, f"{line}.png", candidate, box, 48, 48, emotion, lambda: np.zeros((9, 9, 3)))  # type: ignore[arg-type, return-value]


def selected(
    crops: list[Crop], where: SplitAssignment = TRAIN
) -> tuple[list[tuple[int, Emotion]], dict[str, int]]:
    ledger = Ledger()
    kept = select_crops(crops, [where] * len(crops), ledger)
    return [(item.crop.line, item.crop.emotion) for item in kept], ledger.dropped_by_reason()


def test_the_box_of_a_crop_grows_with_it_and_may_pass_its_edge() -> None:
    small, large = TIGHT.box(48, 48), TIGHT.box(96, 96)
    assert small.x2 - small.x1 == pytest.approx(small.y2 - small.y1)
    assert [2 * side for side in (small.x1, small.y1, small.x2, small.y2)] == pytest.approx(
        [large.x1, large.y1, large.x2, large.y2]
    )
    assert small.x2 - small.x1 > 48


def test_crops_come_in_the_order_of_their_lines_and_copies_are_one() -> None:
    kept, dropped = selected([crop(3), crop(1, content="same"), crop(2, content="same")])
    assert kept == [(1, Emotion.FEAR), (3, Emotion.FEAR)]
    assert dropped == {"duplicate_row": 1}


@pytest.mark.parametrize(
    ("where", "kept", "dropped"),
    [
        (TRAIN, [(1, Emotion.FEAR)], {"duplicate_row": 1}),
        (TEST, [], {"contradictory_labels": 2}),
    ],
)
def test_copies_with_different_labels_may_be_learned_from_and_never_measure(
    where: SplitAssignment, kept: list[tuple[int, Emotion]], dropped: dict[str, int]
) -> None:
    same = [crop(1, Emotion.FEAR, "same"), crop(2, Emotion.ANGER, "same")]
    assert selected(same, where) == (kept, dropped)


def test_a_crop_that_the_dataset_has_in_another_split_is_left_out() -> None:
    kept, dropped = selected([crop(1)], SplitAssignment("g", "test", True))
    assert kept == []
    assert dropped == {"group_in_other_split": 1}


def test_a_file_that_changed_since_it_was_looked_at_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved("PNG"))
    sha256 = hashlib.sha256(saved("PNG")).hexdigest()
    assert load_crop(path, sha256).shape == (40, 60, 3)
    path.write_bytes(saved("PNG", compress_level=0))
    with pytest.raises(YoloFerError, match=r"a\.png changed during the conversion"):
        load_crop(path, sha256)
