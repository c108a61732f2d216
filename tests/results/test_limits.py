"""How many faces of an image are given, and that more are not left out without a word."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from yolo_fer.errors import UsageError, YoloFerWarning
from yolo_fer.results import check_max_faces, warn_of_left_out


@pytest.mark.parametrize("limit", [0, -1, 2.5, "all", None])
def test_a_limit_that_gives_no_face_is_refused(limit: Any) -> None:
    with pytest.raises(UsageError, match=f"at least 1, not {limit}"):
        check_max_faces(limit)


def test_one_face_is_a_limit() -> None:
    check_max_faces(1)


def test_a_face_that_is_left_out_is_told_with_what_to_do() -> None:
    with pytest.warns(YoloFerWarning, match=r"yunet: .* more than 300 faces.*`max_faces`"):
        warn_of_left_out("yunet", 300, best_left_out=0.6)


@pytest.mark.parametrize("best_left_out", [0.0, 0.01])
def test_what_hardly_is_a_face_is_left_out_in_silence(best_left_out: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_left_out("yunet", 300, best_left_out)
