from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.helpers.drawn_pictures import crop, photograph
from tools.shipping.sampling import SHARES, SOURCES, FaceSampler
from yolo_fer.emotions import Emotion


def test_rare_emotions_are_drawn_more_often_than_they_are_frequent() -> None:
    crops = [crop(Emotion.HAPPINESS)] * 99 + [crop(Emotion.DISGUST)]
    sampler, rng = FaceSampler({"rafdb": crops}), random.Random(0)
    drawn = [sampler.draw(rng)[1].targets[0].argmax() for _ in range(400)]
    assert 0.05 < drawn.count(Emotion.DISGUST) / len(drawn) < 0.5


def test_sources_are_drawn_by_their_shares_however_large_they_are() -> None:
    pictures = {"fer2013": [crop(Emotion.ANGER)] * 50, "rafdb": [crop(Emotion.FEAR)]}
    sampler, rng = FaceSampler(pictures), random.Random(0)
    counts = Counter(SOURCES[sampler.draw(rng)[0]] for _ in range(2000))
    expected = SHARES["rafdb"] / (SHARES["rafdb"] + SHARES["fer2013"])
    assert counts["rafdb"] / 2000 == pytest.approx(expected, abs=0.04)


def test_the_end_of_a_training_has_shares_of_its_own() -> None:
    pictures = {"fer2013": [crop(Emotion.ANGER)], "rafdb": [crop(Emotion.FEAR)]}
    sampler, rng = (
        FaceSampler(pictures, {**dict.fromkeys(SOURCES, 0.0), "rafdb": 0.5}),
        random.Random(0),
    )
    assert {SOURCES[sampler.draw(rng)[0]] for _ in range(50)} == {"rafdb"}


def test_faces_that_cannot_be_read_or_that_nobody_labelled_are_never_drawn() -> None:
    pictures = [photograph(None), photograph(Emotion.ANGER, side=12), photograph(Emotion.FEAR)]
    sampler, rng = FaceSampler({"expw": pictures}), random.Random(0)
    assert {id(sampler.draw(rng)[1]) for _ in range(50)} == {id(pictures[2])}
    with pytest.raises(ValueError, match="no picture has a face"):
        FaceSampler({"expw": pictures[:2]})
