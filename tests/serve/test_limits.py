"""What one request may cost."""

from __future__ import annotations

import pytest

from yolo_fer.errors import UsageError
from yolo_fer.serve.limits import RequestLimits


@pytest.mark.parametrize(
    "name", ["upload_mb", "total_mb", "megapixels", "timeout", "queue", "batch", "urls"]
)
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_a_limit_is_a_positive_number(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"`{name}`"):
        RequestLimits(**{name: value})


def test_limits_go_together() -> None:
    with pytest.raises(UsageError, match="`total_mb` must not be less than `upload_mb`"):
        RequestLimits(upload_mb=10, total_mb=5)
    with pytest.raises(UsageError, match="`queue` must not be less than `batch`"):
        RequestLimits(queue=4, batch=5)
