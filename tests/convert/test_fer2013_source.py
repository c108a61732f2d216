"""FER2013's table and FER+'s votes, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.convert.fer2013_source import (
    CHOICES,
    SIDE,
    FerBadRow,
    FerFace,
    majority,
    read_all_ballots,
    read_ballots,
    read_rows,
)
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError

PIXELS = " ".join(str(number % 256) for number in range(SIDE * SIDE))


def table(folder: Path, *rows: tuple[object, str, str]) -> Path:
    path = folder / "fer2013.csv"
    lines = ["emotion,pixels,Usage", *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def votes(folder: Path, *rows: tuple[str, dict[str, int]]) -> Path:
    path = folder / "fer2013new.csv"
    lines = [",".join(("Usage", "Image name", *CHOICES))]
    for usage, counts in rows:
        lines.append(",".join([usage, "a.png", *(str(counts.get(c, 0)) for c in CHOICES)]))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_row_is_a_face_with_its_own_number_its_split_and_its_pixels(tmp_path: Path) -> None:
    path = table(
        tmp_path, (3, PIXELS, "Training"), (0, PIXELS, "PublicTest"), (6, PIXELS, "PrivateTest")
    )
    faces = [row for row in read_rows(path, None) if isinstance(row, FerFace)]
    assert [face.line for face in faces] == [2, 3, 4]
    assert [face.emotion for face in faces] == [Emotion.HAPPINESS, Emotion.ANGER, Emotion.NEUTRAL]
    assert [face.split for face in faces] == ["train", "test", "test"]
    assert [face.private for face in faces] == [False, False, True]
    assert {face.pixels for face in faces} == {bytes(map(int, PIXELS.split()))}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((7, PIXELS, "Training"), "unknown_label"),
        (("happy", PIXELS, "Training"), "unknown_label"),
        ((3, PIXELS, "Extra"), "unknown_usage"),
        ((3, PIXELS[:-4], "Training"), "wrong_pixel_count"),
        ((3, PIXELS.replace("255", "256"), "Training"), "bad_pixels"),
        ((3, " ".join(["9"] * SIDE * SIDE), "Training"), "blank_image"),
    ],
)
def test_a_row_that_gives_no_face_has_a_reason(
    tmp_path: Path, row: tuple[object, str, str], reason: str
) -> None:
    (bad,) = read_rows(table(tmp_path, row), None)
    assert isinstance(bad, FerBadRow)
    assert (bad.line, bad.reason) == (2, reason)


@pytest.mark.parametrize(
    ("counts", "choice"),
    [
        ({"happiness": 10}, "happiness"),
        ({"happiness": 6, "fear": 4}, "happiness"),
        ({"happiness": 5, "fear": 5}, None),
        ({"happiness": 4, "fear": 3, "anger": 3}, None),
        ({"happiness": 2, "fear": 1, "anger": 1, "disgust": 1}, "happiness"),  # ones are left out
        ({}, None),
    ],
)
def test_a_majority_has_more_than_half_of_the_votes_that_count(
    counts: dict[str, int], choice: str | None
) -> None:
    assert majority([counts.get(c, 0) for c in CHOICES]) == choice


def test_votes_replace_the_label_and_say_why_there_is_none(tmp_path: Path) -> None:
    rows = [(3, PIXELS, "Training")] * 5
    ballots = [{"fear": 9, "anger": 1}, {"contempt": 8}, {"nf": 9}, {"fear": 5, "anger": 5}]
    paths = table(tmp_path, *rows), votes(tmp_path, *(("Training", b) for b in ballots))
    first, *others = read_rows(*paths)
    assert isinstance(first, FerFace)
    assert (first.emotion, first.votes) == (Emotion.FEAR, "0/0/0/0/1/0/9/0/0/0")
    assert [bad.reason for bad in others if isinstance(bad, FerBadRow)] == [
        "votes_contempt",
        "votes_not_a_face",
        "no_majority",
        "no_votes",
    ]


def test_all_votes_are_read_whether_they_agree_or_not(tmp_path: Path) -> None:
    rows = [(3, PIXELS, "Training"), (3, PIXELS, "Extra"), (3, PIXELS, "PrivateTest")]
    ballots = [("Training", {"fear": 5, "anger": 5}), ("", {}), ("PrivateTest", {"nf": 10})]
    paths = table(tmp_path, *rows), votes(tmp_path, *ballots)
    assert [ballot.counts[CHOICES.index("fear")] for ballot in read_ballots(*paths)] == [5, 0]
    bad = [row.reason for row in read_all_ballots(*paths) if isinstance(row, FerBadRow)]
    assert bad == ["unknown_usage"]


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    path = table(tmp_path, (3, PIXELS, "Training"))
    with pytest.raises(YoloFerError, match="do not belong together"):
        list(read_rows(path, votes(tmp_path, ("PublicTest", {"fear": 9}))))
    with pytest.raises(YoloFerError, match="has more rows than"):
        list(read_rows(path, votes(tmp_path, *[("Training", {"fear": 9})] * 2)))
