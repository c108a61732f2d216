from __future__ import annotations

import pytest

from yolo_fer.errors import UsageError
from yolo_fer.faces import load_finder
from yolo_fer.faces.finder import check_threshold


@pytest.mark.parametrize("threshold", [0, 1, -0.5, 1.5, float("nan")])
def test_a_threshold_that_no_face_or_any_window_passes_is_refused(threshold: float) -> None:
    with pytest.raises(UsageError, match=f"between 0 and 1, not at {threshold}"):
        check_threshold(threshold)
    with pytest.raises(UsageError, match="between 0 and 1"):
        load_finder("haar", threshold=threshold)


def test_every_other_score_may_be_the_least_one() -> None:
    check_threshold(0.001)
    check_threshold(0.999)
