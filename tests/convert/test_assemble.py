"""From rows and scans to samples: every row is a face of a sample or dropped for a reason."""

from __future__ import annotations

import hashlib

import pytest

from yolo_fer.convert.assemble import LabelledBox, assemble
from yolo_fer.convert.grouping import SplitAssignment
from yolo_fer.convert.rules import BoxConvention, Rules, Unlabelled
from yolo_fer.convert.scan import Scan
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Box, Face, Sample
from yolo_fer.emotions import Emotion

Corners = tuple[float, float, float, float]
ANN, BEN = Box(20, 20, 70, 70), Box(120, 30, 170, 80)


def row(
    line: int,
    box: Box = ANN,
    emotion: Emotion | None = Emotion.FEAR,
    *,
    image: str = "a.jpg",
    trusted: bool = True,
) -> LabelledBox:
    return LabelledBox(line, image, box, emotion, trusted)


def scan(image: str, *found: Corners, sha256: str = "", reason: str = "", width: int = 200) -> Scan:
    content = sha256 or hashlib.sha256(image.encode()).hexdigest()
    return Scan(image, 9, 0, content, width, 100, "", found, reason, "why")


def assembled(
    rows: list[LabelledBox],
    *scans: Scan,
    split: str = "train",
    unlabelled: Unlabelled = Unlabelled.KEEP,
) -> tuple[list[Sample], dict[str, int]]:
    by_image: dict[str, list[LabelledBox]] = {one.file: [] for one in scans}
    for one in rows:
        by_image[one.image].append(one)
    ledger = Ledger(rows_in=len(rows))
    assigned = {one.file: SplitAssignment("g", split, False) for one in scans if not one.reason}
    rules = Rules(unlabelled, BoxConvention.EXPW)
    samples = assemble("drawn", by_image, scans, assigned, rules, ledger)
    ledger.check()
    return samples, ledger.dropped_by_reason()


def test_an_image_is_a_sample_with_all_its_faces() -> None:
    rows = [row(1), row(2, BEN, Emotion.ANGER)]
    (sample,), dropped = assembled(rows, scan("a.jpg"))
    assert sample.faces == (Face(ANN, Emotion.FEAR), Face(BEN, Emotion.ANGER))
    assert (sample.name, sample.source_file, sample.group) == ("a", "a.jpg", "g")
    assert dropped == {}


def test_samples_are_sorted_by_name_and_names_that_a_file_system_confuses_get_a_hash() -> None:
    files = ["b.jpg", "A.jpg", "a.jpg"]
    samples, _ = assembled(
        [row(n, image=file) for n, file in enumerate(files, start=1)], *map(scan, files)
    )
    names = [sample.name for sample in samples]
    assert names == sorted(names)
    assert len({name.casefold() for name in names}) == 3
    assert "b" in names


def test_a_damaged_image_costs_its_rows_and_nothing_else() -> None:
    rows = [row(1), row(2, BEN), row(3, image="b.jpg")]
    samples, dropped = assembled(rows, scan("a.jpg", reason="corrupt_image"), scan("b.jpg"))
    assert [sample.source_file for sample in samples] == ["b.jpg"]
    assert dropped == {"corrupt_image": 2}


def test_copies_of_an_image_are_one_sample_and_their_equal_rows_one_face() -> None:
    rows = [row(1), row(2, image="b.jpg")]
    (sample,), dropped = assembled(rows, scan("a.jpg", sha256="s"), scan("b.jpg", sha256="s"))
    assert sample.faces == (Face(ANN, Emotion.FEAR),)
    assert "copies:2" in sample.flags
    assert dropped == {"duplicate_row": 1}


def test_a_box_is_cut_at_the_edge_and_one_beyond_it_is_dropped() -> None:
    rows = [row(1, Box(-20, 20, 40, 70)), row(2, Box(300, 20, 340, 70))]
    (sample,), dropped = assembled(rows, scan("a.jpg"))
    assert sample.faces == (Face(Box(0, 20, 40, 70), Emotion.FEAR),)
    assert "clipped" in sample.flags
    assert dropped == {"outside_image": 1}


def test_an_image_without_a_labelled_face_is_none() -> None:
    samples, dropped = assembled([row(1, trusted=False)], scan("a.jpg"))
    assert samples == []
    assert sum(dropped.values()) == 1


def test_test_images_are_never_painted() -> None:
    rows = [row(1), row(2, BEN, trusted=False)]
    for split, masked in (("train", True), ("test", False)):
        (sample,), _ = assembled(rows, scan("a.jpg"), split=split, unlabelled=Unlabelled.MASK)
        assert ("masked" in sample.flags) is masked


@pytest.mark.parametrize(
    ("others", "found", "reasons"),
    [
        ([row(2, BEN, trusted=False)], [], {"low_score": 1}),
        ([row(2, BEN, None)], [], {"unknown_label": 1}),
        (
            [row(2, BEN, Emotion.ANGER), row(3, BEN, Emotion.FEAR)],
            [],
            {"contradictory_labels": 2},
        ),
        ([], [(120, 30, 170, 80)], {}),
        ([row(2), row(3, BEN, trusted=False)], [], {"duplicate_row": 1, "low_score": 1}),
    ],
    ids=["low score", "unknown label", "no clear label", "no row", "two rows of one face"],
)
def test_drop_leaves_out_every_image_with_an_unlabelled_face_and_counts_each_row_once(
    others: list[LabelledBox], found: list[Corners], reasons: dict[str, int]
) -> None:
    rows = [row(1), *others]
    samples, dropped = assembled(
        rows, scan("a.jpg", *found), split="test", unlabelled=Unlabelled.DROP
    )
    assert samples == []
    assert dropped == {"image_with_unlabelled_faces": 1, **reasons}


def test_drop_keeps_an_image_whose_faces_all_have_a_label() -> None:
    rows = [row(1), row(2, BEN), row(3, trusted=False)]
    (sample,), dropped = assembled(rows, scan("a.jpg"), unlabelled=Unlabelled.DROP)
    assert sample.faces == (Face(ANN, Emotion.FEAR), Face(BEN, Emotion.FEAR))
    assert dropped == {"low_score": 1}
