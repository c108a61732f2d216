"""Which face of an image has the label, and whether it fills the image."""

from __future__ import annotations

import pytest

from yolo_fer.boxes import retinaface_to_expw
from yolo_fer.convert.crops import ALIGNED
from yolo_fer.convert.labelled_face import ImageKind, LabelledFace, LabelledSource, look
from yolo_fer.convert.scan import Scan
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Box, box_array
from yolo_fer.emotions import Emotion

Corners = tuple[float, float, float, float]
SMALL: Corners = (20, 20, 60, 70)
LARGE: Corners = (100, 40, 180, 140)


def looked(
    *found: Corners, reason: str = "", **row: object
) -> tuple[LabelledFace | None, dict[str, int]]:
    """Return the face with the label in an image of 300 x 200 pixels, and what was dropped."""
    source = LabelledSource(1, "a.jpg", Emotion.FEAR, **row)  # type: ignore[arg-type]
    scan = Scan("a.jpg", 9, 0, "ab", 300, 200, "cd", found, reason)
    ledger = Ledger()
    faces = look([source], {"a.jpg": scan}, ledger)
    return faces[0] if faces else None, ledger.dropped_by_reason()


def expw(corners: Corners) -> Box:
    return Box(*retinaface_to_expw(box_array([Box(*corners)]))[0].tolist())


def test_the_largest_face_has_the_label() -> None:
    face, dropped = looked(SMALL, LARGE)
    assert face is not None
    assert (face.box, face.found) == (expw(LARGE), Box(*LARGE))
    assert (face.is_crop, dropped) == (False, {})


def test_of_two_faces_of_about_one_size_nobody_knows_which_it_is() -> None:
    assert looked(LARGE, (10, 40, 85, 135)) == (None, {"doubt": 1})


def test_an_image_without_a_face_or_that_is_damaged_is_dropped() -> None:
    assert looked() == (None, {"no_face": 1})
    assert looked(LARGE, reason="corrupt_image") == (None, {"corrupt_image": 1})


def test_a_face_that_fills_its_image_makes_it_a_crop_unless_the_user_knows_better() -> None:
    filling: Corners = (40, 0, 220, 200)
    face, _ = looked(filling)
    assert face is not None and face.is_crop
    face, _ = looked(filling, kind=ImageKind.FULL)
    assert face is not None and not face.is_crop


@pytest.mark.parametrize("found", [(), (SMALL,)])
def test_what_the_user_calls_a_crop_has_a_face_though_none_or_a_small_one_is_found(
    found: tuple[Corners, ...],
) -> None:
    face, dropped = looked(*found, kind=ImageKind.CROPS)
    assert face is not None and face.is_crop
    assert face.box.x2 - face.box.x1 > 200
    assert dropped == {}


def test_a_listed_box_speaks_of_the_face_that_is_found_there() -> None:
    face, _ = looked(SMALL, LARGE, box=Box(22, 18, 63, 68))
    assert face is not None
    assert face.box == expw(SMALL), "so that all boxes have one convention"
    assert face.found == Box(*SMALL)
    alone, _ = looked(LARGE, box=Box(22, 18, 63, 68))
    assert alone is not None
    assert (alone.box, alone.found) == (Box(22, 18, 63, 68), None)


def test_a_listed_box_outside_of_the_image_is_dropped() -> None:
    assert looked(LARGE, box=Box(400, 10, 450, 60)) == (None, {"outside_image": 1})


def test_where_all_crops_were_cut_in_one_way_nobody_looks_for_the_face() -> None:
    face, _ = looked(LARGE, crop=ALIGNED)
    assert face is not None
    assert (face.box, face.is_crop) == (ALIGNED.box(300, 200), True)
