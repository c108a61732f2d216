from __future__ import annotations

import pytest

from yolo_fer.app.limits import Limits
from yolo_fer.errors import UsageError


@pytest.mark.parametrize("name", ["upload_mb", "total_mb", "video_seconds"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_that_lets_nothing_through_is_refused(name: str, value: int) -> None:
    with pytest.raises(UsageError, match=f"`{name}` .*{value}"):
        Limits(**{name: value})


def test_the_page_has_room_for_more_than_one_upload_unless_told_otherwise() -> None:
    assert Limits().total_mb > Limits().upload_mb
