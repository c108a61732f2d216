"""What becomes of one frame: its labelled and unlabelled faces, or why its labels give none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from yolo_fer.convert.affwild2.labelled_frame import FoundFrame, FrameFaces, label_frame
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.affwild2.people_doubt import SWAPPED, UnknownFace
from yolo_fer.convert.affwild2.source import Side
from yolo_fer.convert.rules import BoxConvention, Unlabelled
from yolo_fer.dataset.samples import Box, Face
from yolo_fer.emotions import Emotion

BARE, LEFT, RIGHT = Side.BARE, Side.LEFT, Side.RIGHT
ANN, BEN = [20.0, 20, 60, 70], [120.0, 30, 170, 90]
FEAR = {BARE: Emotion.FEAR}


def labelled(
    *found: list[float],
    labels: Mapping[Side, Emotion] = FEAR,
    named: Mapping[Side, int | UnknownFace] | None = None,
    unlabelled: Unlabelled = Unlabelled.MASK,
) -> FrameFaces:
    options = Affwild2Options(boxes=BoxConvention.RETINAFACE, unlabelled=unlabelled)
    frame = FoundFrame((200, 100), np.array(found).reshape(-1, 4))
    return label_frame(options, frame, labels, dict(named or {BARE: 0}))


def test_the_person_has_the_label_and_others_are_unlabelled() -> None:
    frame = labelled(ANN, BEN)
    assert frame.faces == (Face(Box(*ANN), Emotion.FEAR), Face(Box(*BEN), None))
    assert (frame.skipped, frame.clipped, frame.has_unlabelled) == ({}, 0, True)


def test_two_people_have_each_their_own_label() -> None:
    both = {LEFT: Emotion.FEAR, RIGHT: Emotion.ANGER}
    frame = labelled(BEN, ANN, labels=both, named={LEFT: 1, RIGHT: 0})
    assert frame.faces == (Face(Box(*ANN), Emotion.FEAR), Face(Box(*BEN), Emotion.ANGER))
    one = labelled(BEN, ANN, labels=both, named={LEFT: SWAPPED, RIGHT: 0})
    assert one.skipped == {LEFT: SWAPPED}
    assert one.faces == (Face(Box(*BEN), Emotion.ANGER), Face(Box(*ANN), None))


def test_a_label_whose_face_is_not_known_gives_no_frame() -> None:
    frame = labelled(ANN, named={BARE: SWAPPED})
    assert (frame.faces, frame.skipped) == ((), {BARE: SWAPPED})


def test_a_face_that_passes_the_edge_is_cut_and_one_beyond_it_is_none() -> None:
    frame = labelled([-20.0, 20, 40, 70])
    assert frame.faces == (Face(Box(0, 20, 40, 70), Emotion.FEAR),)
    assert frame.clipped == 1
    beyond = labelled([300.0, 20, 340, 70])
    assert beyond.faces == ()
    assert beyond.skipped[BARE].reason == "outside_image"


def test_a_second_box_of_the_same_face_is_no_other_face() -> None:
    assert not labelled(ANN, [22.0, 21, 62, 72]).has_unlabelled


@pytest.mark.parametrize(
    ("unlabelled", "faces"), [(Unlabelled.MASK, 2), (Unlabelled.IGNORE, 2), (Unlabelled.KEEP, 1)]
)
def test_unlabelled_faces_are_listed_or_left_alone(unlabelled: Unlabelled, faces: int) -> None:
    assert len(labelled(ANN, BEN, unlabelled=unlabelled).faces) == faces


def test_a_frame_with_unlabelled_faces_can_be_dropped() -> None:
    frame = labelled(ANN, BEN, unlabelled=Unlabelled.DROP)
    assert frame.faces == ()
    assert frame.skipped[BARE].reason == "image_with_unlabelled_faces"
    assert labelled(ANN, unlabelled=Unlabelled.DROP).faces == (Face(Box(*ANN), Emotion.FEAR),)
