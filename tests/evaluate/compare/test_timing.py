"""Systems take turns on the same frames, and are compared with the first."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.evaluate.compare.crowds import FaceCrops
from yolo_fer.evaluate.compare.timing import FACES, Timing, mean_faces, time_systems

CROPS = FaceCrops((np.full((60, 60, 3), 255, np.uint8),))


def test_each_system_has_a_time_for_each_number_of_faces_and_each_round() -> None:
    first, second = time_systems([BrightnessPredictor(), BrightnessPredictor()], CROPS, repeats=3)
    assert [timing.faces for timing in first] == [timing.faces for timing in second] == [*FACES]
    for timing in (*first, *second):
        assert len(timing.milliseconds) == len(timing.ratios) == 3
        assert min(timing.milliseconds) > 0
        assert timing.found == 1, "this predictor finds one face in every frame"
    assert {ratio for timing in first for ratio in timing.ratios} == {1.0}


def test_the_median_counts_and_not_a_round_in_which_the_machine_was_busy() -> None:
    timing = Timing(1, (10.0, 12.0, 900.0), (1.0, 1.5, 40.0), 1.0)
    assert (timing.median, timing.ratio) == (12.0, 1.5)


def test_found_faces_are_counted_on_average() -> None:
    frames = [np.zeros((9, 9, 3), np.uint8)] * 4
    assert mean_faces(BrightnessPredictor(), frames) == pytest.approx(1)
