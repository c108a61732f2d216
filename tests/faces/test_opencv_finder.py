from __future__ import annotations

import cv2
import numpy as np

from tests.helpers.callers import assert_callers_do_not_meet
from yolo_fer.faces.opencv_finder import opencv_threads


def test_finders_that_set_opencvs_threads_leave_them_as_they_were() -> None:
    before = cv2.getNumThreads()
    numbers = [before + 1, before + 2, before + 3]

    def call(threads: int) -> np.ndarray:
        with opencv_threads(threads):
            return np.array([cv2.getNumThreads()])

    assert_callers_do_not_meet(call, numbers, rounds=50)
    assert cv2.getNumThreads() == before
