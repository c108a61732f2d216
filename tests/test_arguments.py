"""Numbers that are given as arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from yolo_fer.arguments import check_number, check_threads, check_whole_number
from yolo_fer.errors import UsageError


@pytest.mark.parametrize("value", [0, 1, 0.3, np.float32(0.3), np.int64(1)])
def test_numpys_numbers_are_numbers(value: Any) -> None:
    check_number("conf", value, 0, 1)


@pytest.mark.parametrize("value", [1.01, -0.1, float("nan"), "0.3", None, [0.3]])
def test_what_is_no_number_of_the_range_is_refused_by_name(value: Any) -> None:
    with pytest.raises(UsageError, match=r"^conf must lie between 0 and 1, not at "):
        check_number("conf", value, 0, 1)


@pytest.mark.parametrize("value", [1, 7, np.int64(7), np.uint8(1)])
def test_whole_numbers_of_any_kind_are_whole(value: Any) -> None:
    check_whole_number("batch", value, 1, 7)
    check_threads(value)


@pytest.mark.parametrize("value", [0, 8, 2.0, np.float32(2), "2", None])
def test_what_is_no_whole_number_of_the_range_is_refused_by_name(value: Any) -> None:
    with pytest.raises(UsageError, match=r"^batch must be a whole number from 1 to 7, not "):
        check_whole_number("batch", value, 1, 7)


@pytest.mark.parametrize("threads", [0, -1, 2.0, "2"])
def test_threads_are_counted(threads: Any) -> None:
    with pytest.raises(UsageError, match="number of threads must be a whole number, at least 1"):
        check_threads(threads)
    check_threads(None)
