"""The hashes whose search is measured look like those of photographs and of videos."""

from __future__ import annotations

import numpy as np
import pytest

from tools.benchmark.duplicates import Hashes, duplicates, frames, photographs
from yolo_fer.dataset.duplicates import NEAR
from yolo_fer.dataset.near_index import near_groups


def differing(some: Hashes, others: Hashes) -> list[int]:
    return np.bitwise_count(some ^ others).sum(axis=1, dtype=int).tolist()


def test_photographs_have_nothing_in_common_but_for_a_few_copies() -> None:
    groups = near_groups(photographs(2000))
    assert len(np.unique(groups)) == 2000 - 40
    _, sizes = np.unique(groups, return_counts=True)
    assert sizes.max() == 2


def test_neighbouring_frames_are_near_and_those_of_two_videos_are_not() -> None:
    made = frames(900)
    steps = differing(made[1:], made[:-1])
    inside = [bits for at, bits in enumerate(steps, start=1) if at % 300]
    assert max(inside) < 10
    assert [steps[at - 1] > NEAR for at in (300, 600)] == [True, True]
    assert near_groups(made).tolist() == [0] * 300 + [300] * 300 + [600] * 300


def test_each_size_and_each_job_has_a_figure_with_its_cpu_time() -> None:
    names = [figure.name for figure in duplicates([200, 400], at_once=400)]
    for kind in ("photographs", "frames"):
        assert {f"groups of {n} {kind}" for n in (200, 400)} <= {*names}
        assert {f"{job} of 400 {kind}" for job in ("check", "merge")} <= {*names}


@pytest.mark.parametrize("make", [photographs, frames])
def test_the_same_number_gives_the_same_hashes(make: object) -> None:
    assert callable(make)
    assert np.array_equal(make(300), make(300))
    assert make(300).shape == (300, 32)
