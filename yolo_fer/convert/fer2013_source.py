"""FER2013: Kaggle's CSV of 48x48 grey faces, and the votes of FER+ next to it.

`fer2013.csv` has the columns emotion, pixels (2,304 numbers) and Usage, in any order (a later
edition, `icml_face_data.csv`, has another one and spaces in the header). `fer2013new.csv` of FER+
has a row for each row of it, in the same order: Usage, Image name, and how many of ten annotators
named each of ten choices. Sources: Goodfellow et al., "Challenges in Representation Learning",
2013; Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
Label Distribution", 2016, and its code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TypeVar

from yolo_fer.convert.compressed_csv import Line, read_lines
from yolo_fer.convert.rows import BadRow
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.emotions import FER2013, Emotion
from yolo_fer.errors import YoloFerError

Row = TypeVar("Row")

SIDE = 48
# PublicTest and PrivateTest were the two test sets of the competition.
USAGES = {"training": "train", "publictest": "test", "privatetest": "test"}
CHOICES = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
    "unknown", "nf",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FerFace:
    """One usable row.

    Args:
        line: 1-based line of the CSV file.
        pixels: 2,304 bytes, row by row from the top.
        emotion: the emotion of the face.
        split: the split: `train` or `test`.
        votes: the votes of FER+, in the order of `CHOICES`, joined by `/`; empty without FER+.
        private: whether it belongs to PrivateTest, the second test set.
    """

    line: int
    pixels: bytes
    emotion: Emotion
    split: str
    votes: str
    private: bool


@dataclass(frozen=True, slots=True)
class FerBallot:
    """One row with all its votes, whether they agree or not.

    Args:
        line: 1-based line of the CSV file.
        pixels: 2,304 bytes, row by row from the top.
        split: the split: `train` or `test`.
        counts: the counts of FER+, in the order of `CHOICES`.
        private: whether it belongs to PrivateTest, the second test set.
    """

    line: int
    pixels: bytes
    split: str
    counts: tuple[int, ...]
    private: bool


class _Unusable(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def read_rows(table: Path, votes: Path | None) -> Iterator[FerFace | BadRow]:
    """Read a CSV file of FER2013 row by row; nothing is kept.

    Args:
        table: .csv, also compressed as .xz, .gz, .bz2 or .zip.
        votes: the file of FER+, which may be compressed too; its labels replace those of the table.

    Raises:
        YoloFerError: if a file cannot be read to its end, lacks a column, or the two files do not
            belong together.
    """
    return _read(table, votes, _face)


def read_ballots(table: Path, votes: Path) -> Iterator[FerBallot]:
    """Read the rows that have pixels and votes, also those on which annotators did not agree.

    Raises:
        YoloFerError: as `read_rows` does.
    """
    for row in read_all_ballots(table, votes):
        if isinstance(row, FerBallot):  # a conversion reports the others
            yield row


def read_all_ballots(table: Path, votes: Path) -> Iterator[FerBallot | BadRow]:
    """Read the rows as `read_ballots` does, and say what is wrong with the others.

    Raises:
        YoloFerError: as `read_rows` does.
    """
    return _read(table, votes, _ballot)


def _read(
    table: Path, votes: Path | None, parse: Callable[[Line, Line | None], Row]
) -> Iterator[Row | BadRow]:
    for row, ballot in _paired(table, votes):
        read: Row | BadRow
        try:
            if votes is not None and ballot is None:
                raise _Unusable(DropReason.NO_VOTES, f"{votes.name} ends before this row")
            read = parse(row, ballot)
        except _Unusable as error:
            read = BadRow(row.number, f"{table.name}:{row.number}", error.reason, error.detail)
        yield read


def _paired(table: Path, votes: Path | None) -> Iterator[tuple[Line, Line | None]]:
    """Yield each row with its votes: None without FER+, and where its file is too short."""
    rows = read_lines(table, ("emotion", "pixels", "usage"))
    if votes is None:
        yield from ((row, None) for row in rows)
        return
    ballots = read_lines(votes, ("usage", *CHOICES))
    for row, ballot in zip_longest(rows, ballots):
        if row is None:
            raise YoloFerError(
                f"{votes} has more rows than {table}; give the FER+ file that was made for it, "
                "row by row in the same order"
            )
        if ballot is not None:
            own, theirs = row.fields["usage"], ballot.fields["usage"]
            if own.lower() in USAGES and own.lower() != theirs.lower():
                raise YoloFerError(
                    f"{votes}, line {ballot.number}, is about a row of {theirs or 'nothing'}, but "
                    f"line {row.number} of {table.name} is of {own}: the files do not belong "
                    "together"
                )
        yield row, ballot


def _face(row: Line, ballot: Line | None) -> FerFace:
    pixels, split = _pixels(row.fields["pixels"]), _split(row)
    if ballot is None:
        emotion, votes = _own_label(row.fields["emotion"]), ""
    else:
        counts = _counts(ballot)
        emotion, votes = elected(counts), "/".join(map(str, counts))
    return FerFace(row.number, pixels, emotion, split, votes, _is_private(row))


def _ballot(row: Line, ballot: Line | None) -> FerBallot:
    assert ballot is not None  # noqa: S101  # ballots are read with a file of votes
    pixels, split = _pixels(row.fields["pixels"]), _split(row)
    return FerBallot(row.number, pixels, split, tuple(_counts(ballot)), _is_private(row))


def _split(row: Line) -> str:
    usage = row.fields["usage"]
    if usage.lower() not in USAGES:
        raise _Unusable(DropReason.UNKNOWN_USAGE, f"Usage is {usage!r}")
    return USAGES[usage.lower()]


def _is_private(row: Line) -> bool:
    return row.fields["usage"].lower() == "privatetest"


def _pixels(text: str) -> bytes:
    numbers = text.split()
    if len(numbers) != SIDE * SIDE:
        detail = f"{len(numbers)} pixels instead of {SIDE * SIDE}"
        raise _Unusable(DropReason.WRONG_PIXEL_COUNT, detail)
    try:
        pixels = bytes(map(int, numbers))
    except ValueError as error:
        raise _Unusable(
            DropReason.BAD_PIXELS, f"a pixel is no number from 0 to 255: {error}"
        ) from error
    if min(pixels) == max(pixels):
        raise _Unusable(DropReason.BLANK_IMAGE, "all pixels are the same")
    return pixels


def _own_label(text: str) -> Emotion:
    emotion = FER2013.get(int(text)) if text.isdecimal() else None
    if emotion is None:
        raise _Unusable(DropReason.UNKNOWN_LABEL, f"emotion is {text!r}; FER2013 has 0 to 6")
    return emotion


def _counts(ballot: Line) -> list[int]:
    try:
        return [int(ballot.fields[choice]) for choice in CHOICES]
    except ValueError as error:
        raise _Unusable(
            DropReason.BAD_VOTES, f"line {ballot.number} of the votes: {error}"
        ) from error


def majority(counts: Sequence[int]) -> str | None:
    """Return the choice of the majority of FER+'s annotators, None where they did not agree.

    A choice that only one of them made is left out; of the others, one needs more than half of the
    votes. That is the `majority` mode of FER+'s authors.

    Args:
        counts: votes in the order of `CHOICES`.
    """
    kept = [count if count > 1 else 0 for count in counts]
    most = max(kept)
    return CHOICES[kept.index(most)] if 2 * most > sum(kept) else None


def elected(counts: list[int]) -> Emotion:
    """Return the emotion that the majority of FER+'s annotators named; see `majority`.

    Args:
        counts: votes in the order of `CHOICES`.

    Raises:
        _Unusable: if there is no majority, or it is for none of the seven emotions.
    """
    choice = majority(counts)
    if choice is None:
        raise _Unusable(DropReason.NO_MAJORITY, f"votes are {counts}")
    emotion = Emotion.from_name(choice)
    if emotion is None:
        reason = DropReason("votes_not_a_face" if choice == "nf" else f"votes_{choice}")
        raise _Unusable(reason, f"votes are {counts}")
    return emotion
