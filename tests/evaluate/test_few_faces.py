"""A warning names the figures that rest on few faces, or on one person."""

from __future__ import annotations

import pytest

from tests.helpers.observed import Seen, observed
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.few_faces import FEW, about_few_faces

BOX = (0.0, 0, 9, 9)


def crowd(emotion: Emotion | None, faces: int, group: str, source: str = "") -> Seen:
    return Seen([(BOX, emotion)] * faces, group=group, source=source)


@pytest.mark.parametrize(("faces", "told"), [(FEW, 0), (FEW - 1, 1), (1, 1)])
def test_an_emotion_has_few_faces_below_the_limit(faces: int, told: int) -> None:
    ann, others = crowd(Emotion.FEAR, faces - 1, "ann"), crowd(Emotion.FEAR, 1, "ben")
    cautions = about_few_faces(observed(ann, others))
    assert len(cautions) == told
    assert all(f"fear ({faces})" in caution for caution in cautions)


def test_many_faces_of_one_person_are_told_with_the_group() -> None:
    (caution,) = about_few_faces(observed(crowd(Emotion.FEAR, FEW, "ann")))
    assert caution.endswith("which is one person or one video: fear (ann)")


def test_sources_are_told_only_where_there_are_several() -> None:
    big = [crowd(Emotion.FEAR, FEW, group, "a") for group in ("ann", "ben")]
    small = crowd(Emotion.FEAR, 1, "cleo", "b")
    assert about_few_faces(observed(*big)) == ()
    (caution,) = about_few_faces(observed(*big, small))
    assert caution.endswith("the source b (1)")


def test_unlabelled_faces_do_not_count() -> None:
    assert about_few_faces(observed(crowd(None, 3, "ann"))) == ()
