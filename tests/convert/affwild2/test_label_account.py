"""Each label line of a video is used, or skipped for the first reason that applies."""

from __future__ import annotations

from yolo_fer.convert.affwild2.label_account import PersonLabels
from yolo_fer.convert.affwild2.source import Side, Skipped
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.emotions import Emotion

HAPPY = Emotion.HAPPINESS


def labels(*lines: Emotion | Skipped) -> PersonLabels:
    return PersonLabels("train/a.txt", Side.BARE, list(lines))


def test_frames_are_counted_from_1_and_beyond_the_last_there_is_no_label() -> None:
    person = labels(HAPPY, Skipped(DropReason.OTHER_CLASS), Emotion.ANGER)
    assert person.frames() == [1, 3]
    assert [person.emotion(frame) for frame in (1, 2, 3, 4)] == [HAPPY, None, Emotion.ANGER, None]


def test_the_first_reason_counts() -> None:
    person = labels(HAPPY, HAPPY)
    person.skip(1, DropReason.STRIDE)
    person.skip(1, DropReason.NO_FACE)
    person.skip_all(DropReason.OVER_CAP)
    person.skip(99, DropReason.NO_FACE)
    assert [(row.lines, row.reason) for row in person.dropped()] == [
        ("1", "stride"),
        ("2", "over_cap"),
    ]
    assert person.frames() == []


def test_lines_in_a_row_with_one_reason_are_one_entry_and_every_line_is_counted() -> None:
    person = labels(*[HAPPY] * 9)
    for frame in (2, 3, 4, 8):
        person.skip(frame, DropReason.NO_FACE)
    entries = [*person.dropped()]
    assert [(row.lines, row.rows) for row in entries] == [("2-4", 3), ("8", 1)]
    assert sum(row.rows for row in entries) + len(person.frames()) == 9


def test_other_details_are_another_entry() -> None:
    person = labels(*[HAPPY] * 4)
    for frame in range(1, 5):
        person.skip(frame, DropReason.DOUBT, "early" if frame < 3 else "late")
    assert [(row.lines, row.detail) for row in person.dropped()] == [
        ("1-2", "early"),
        ("3-4", "late"),
    ]


def test_lines_that_a_choice_scatters_over_a_video_are_one_entry() -> None:
    person = labels(*[HAPPY] * 100)
    for frame in range(2, 101, 2):
        person.skip(frame, DropReason.STRIDE)
    (row,) = person.dropped()
    assert (row.lines, row.rows, row.detail) == ("2-100", 50, "50 of these lines")
