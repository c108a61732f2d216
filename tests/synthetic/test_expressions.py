"""The seven expressions as movements of the face, which no two people make alike."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.emotions import Emotion
from yolo_fer.synthetic.expressions import ActionUnit, Expression, sample_expression

SHOWS = {
    Emotion.ANGER: ActionUnit.BROW_LOWERER,
    Emotion.DISGUST: ActionUnit.NOSE_WRINKLER,
    Emotion.FEAR: ActionUnit.LIP_STRETCHER,
    Emotion.HAPPINESS: ActionUnit.LIP_CORNER_PULLER,
    Emotion.SADNESS: ActionUnit.LIP_CORNER_DEPRESSOR,
    Emotion.SURPRISE: ActionUnit.JAW_DROP,
}


def drawn(emotion: Emotion, count: int = 50) -> list[Expression]:
    rng = np.random.default_rng(0)
    return [sample_expression(emotion, rng) for _ in range(count)]


@pytest.mark.parametrize("emotion", SHOWS)
def test_every_face_of_an_emotion_makes_its_movement(emotion: Emotion) -> None:
    assert all(face[SHOWS[emotion]] > 0.5 for face in drawn(emotion))


def test_a_neutral_face_is_almost_at_rest() -> None:
    assert all(face[unit] < 0.2 for face in drawn(Emotion.NEUTRAL) for unit in ActionUnit)


@pytest.mark.parametrize("emotion", Emotion)
def test_no_two_are_alike_and_the_same_seed_draws_the_same(emotion: Emotion) -> None:
    faces = drawn(emotion)
    assert len({tuple(face.strengths.values()) for face in faces}) == len(faces)
    assert drawn(emotion) == faces
    assert all(-1 <= face.lopsided <= 1 for face in faces)
    assert all(0 <= strength < 1.5 for face in faces for strength in face.strengths.values())
