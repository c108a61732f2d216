"""What lies behind people, and what a camera adds."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.synthetic.scenery import draw_background, photograph


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (417, 311)])
def test_a_background_has_the_size_that_was_asked_for(size: tuple[int, int]) -> None:
    for seed in range(12):  # of every kind
        image = draw_background(np.random.default_rng(seed), *size)
        assert image.shape == (size[1], size[0], 3)
        assert image.dtype == np.uint8


def test_no_two_backgrounds_are_alike_and_the_same_seed_draws_the_same() -> None:
    drawn = [draw_background(np.random.default_rng(seed), 60, 40).tobytes() for seed in range(20)]
    assert len(set(drawn)) == 20
    assert draw_background(np.random.default_rng(3), 60, 40).tobytes() == drawn[3]


def test_a_camera_changes_light_and_adds_noise_and_leaves_the_picture() -> None:
    scene = np.zeros((60, 80, 3), np.uint8)
    scene[:, 40:] = 180
    before = scene.copy()
    taken = photograph(np.random.default_rng(0), scene)
    assert (scene == before).all()
    assert taken.shape == scene.shape
    assert taken[:, :30].std() > 0
    assert taken[:, 50:].mean() - taken[:, :30].mean() > 120
