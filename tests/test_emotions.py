from __future__ import annotations

import pytest

from yolo_fer.emotions import AFFWILD2, EMOTION_NAMES, EXPW, FER2013, Emotion, match_class_names
from yolo_fer.errors import YoloFerError


def test_the_order_is_the_same_everywhere() -> None:
    assert EMOTION_NAMES == (
        "anger",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
        "neutral",
    )
    assert [e.label for e in Emotion] == list(EMOTION_NAMES)


def test_each_dataset_counts_in_its_own_order() -> None:
    assert EXPW[0] is FER2013[0] is AFFWILD2[1] is Emotion.ANGER
    assert EXPW[6] is FER2013[6] is AFFWILD2[0] is Emotion.NEUTRAL
    assert AFFWILD2[4] is EXPW[3] is Emotion.HAPPINESS
    assert 7 not in AFFWILD2  # Other


@pytest.mark.parametrize(
    ("word", "emotion"),
    [
        ("Happy", "happiness"),
        (" angry ", "anger"),
        ("SURPRISED", "surprise"),
        ("\uff53\uff41\uff44", "sadness"),
    ],
)
def test_synonyms_are_understood(word: str, emotion: str) -> None:
    found = Emotion.from_name(word)
    assert found is not None
    assert found.label == emotion


def test_foreign_class_names_are_mapped_and_others_named() -> None:
    mapped, other = match_class_names({0: "Happy", 1: "contempt", 5: "neutral"})
    assert mapped == {0: Emotion.HAPPINESS, 5: Emotion.NEUTRAL}
    assert other == ["contempt"]


def test_classes_without_an_emotion_or_with_one_twice_are_errors() -> None:
    with pytest.raises(YoloFerError, match="names an emotion"):
        match_class_names({0: "cat", 1: "dog"})
    with pytest.raises(YoloFerError, match="both mean anger"):
        match_class_names({0: "anger", 1: "Angry"})
