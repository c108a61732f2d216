from __future__ import annotations

import itertools

import numpy as np
import pytest

from tools.benchmark.crowds import CROWDS, HEIGHT, WIDTH, watch


@pytest.mark.parametrize("crowd", CROWDS)
def test_a_made_crowd_is_the_same_each_time_and_inside_the_picture(crowd: str) -> None:
    def seen() -> list[tuple[float, list[int], list[list[float]]]]:
        made = watch(CROWDS[crowd](np.random.default_rng(3)), 3)
        return [(s.time_ms, s.people.tolist(), s.boxes.tolist()) for s in made]

    first = seen()
    assert first == seen()
    assert all(before[0] < later[0] for before, later in itertools.pairwise(first))
    middles = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for _, _, boxes in first for b in boxes]
    assert all(-40 < x < WIDTH + 40 and -40 < y < HEIGHT + 40 for x, y in middles)
