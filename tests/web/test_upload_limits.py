from __future__ import annotations

import pytest

from yolo_fer.app.limits import Limits
from yolo_fer.errors import UsageError
from yolo_fer.serve.limits import RequestLimits


@pytest.mark.parametrize("kind", [Limits, RequestLimits])
def test_one_file_is_never_allowed_more_than_all_together(kind: type) -> None:
    limits = kind(upload_mb=3, total_mb=3)
    assert (limits.upload_bytes, limits.total_bytes) == (3_000_000, 3_000_000)
    with pytest.raises(UsageError, match="`total_mb` must not be less"):
        kind(upload_mb=4, total_mb=3)
