"""Rows in are faces out and rows dropped, by reason."""

from __future__ import annotations

import pytest

from tests.helpers.drawn_samples import sample
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.ledger import SPLITS, DroppedRow, Ledger
from yolo_fer.dataset.samples import Box, Face
from yolo_fer.emotions import EMOTION_NAMES, Emotion

BOX = Box(0, 0, 9, 9)


def test_it_balances_when_every_row_is_a_face_or_dropped() -> None:
    ledger = Ledger(rows_in=5)
    ledger.add_samples([sample(Face(BOX, Emotion.FEAR), Face(BOX, None)), sample()])
    ledger.drop(3, "b.jpg", DropReason.LOW_SCORE)
    ledger.dropped.append(DroppedRow(10, "c.txt", DropReason.NO_FACE, "", rows=3, last=12))
    ledger.check()
    assert (ledger.faces_out, ledger.images_out) == (1, 2)
    assert ledger.dropped_by_reason() == {"low_score": 1, "no_face": 3}


def test_a_row_that_was_lost_or_counted_twice_is_a_bug() -> None:
    for rows in (0, 2):
        ledger = Ledger(rows_in=rows)
        ledger.drop(1, "a.jpg", DropReason.LOW_SCORE)
        with pytest.raises(AssertionError, match=f"{rows} rows in, 0 faces out, 1 dropped"):
            ledger.check()


def test_the_lines_of_a_video_are_told_as_one_stretch() -> None:
    assert DroppedRow(7, "a", "stride", "").lines == "7"
    assert DroppedRow(7, "a", "stride", "", rows=3, last=9).lines == "7-9"


def test_every_emotion_of_every_split_is_counted_and_those_that_are_absent_are_told() -> None:
    ledger = Ledger()
    ledger.add_samples([sample(*(Face(BOX, emotion) for emotion in Emotion))])
    counts = ledger.per_split_json()
    assert counts["train"] == dict.fromkeys(EMOTION_NAMES, 1)
    assert counts["val"] == counts["test"] == dict.fromkeys(EMOTION_NAMES, 0)
    assert [*counts] == [*SPLITS]
    val, test = ledger.missing_classes()
    assert val.startswith("the val split has no face of: anger, disgust")
    assert test.startswith("the test split")
