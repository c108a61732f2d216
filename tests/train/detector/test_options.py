"""What a detector is trained from and how."""

from __future__ import annotations

from typing import Any

import pytest

from yolo_fer.errors import UnusedArgumentError
from yolo_fer.train.detector.options import TrainOptions


@pytest.mark.parametrize("given", [{"model": "yolo11n"}, {"start": "none"}, {"recipe": "yofo"}])
def test_what_begins_a_training_is_refused_where_one_goes_on(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(UnusedArgumentError, match=f"`{name}` is for a new training") as error:
        TrainOptions(resume=True, **given)
    assert error.value.arguments == (name,)


def test_a_run_can_go_on_on_another_device_and_with_fewer_images_at_once() -> None:
    assert TrainOptions(resume=True, device="cpu", settings={"batch": 8}).given == {"batch": 8}
