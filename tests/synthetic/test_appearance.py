from __future__ import annotations

from dataclasses import astuple

import numpy as np

from yolo_fer.synthetic.appearance import Person, sample_person


def people(count: int = 300) -> list[Person]:
    rng = np.random.default_rng(0)
    return [sample_person(rng) for _ in range(count)]


def test_people_differ_in_every_trait() -> None:
    drawn = people()
    for trait in ("hair_style", "beard", "collar", "glasses"):
        assert len({getattr(person, trait) for person in drawn}) > 1, trait
    for trait in ("width", "jaw", "eye_size", "mouth_width", "age"):
        assert np.std([getattr(person, trait) for person in drawn]) > 0.005, trait
    assert np.ptp([person.skin.mean() for person in drawn]) > 100


def test_every_colour_can_be_painted() -> None:
    for person in people():
        for colour in (person.skin, person.hair, person.brows, person.lips, person.cloth):
            assert colour.shape == (3,)
            assert (colour >= 0).all()
            assert (colour < 270).all(), "a light hair is a little over, and is cut off"


def test_the_same_seed_draws_the_same_person() -> None:
    first, again = (sample_person(np.random.default_rng(3)) for _ in range(2))
    assert str(astuple(first)) == str(astuple(again))
