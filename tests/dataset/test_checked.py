"""Values of files that anybody may have written."""

from __future__ import annotations

from typing import Any

import pytest

from yolo_fer.dataset.checked import box, objects, whole_number


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3), (3.0, 3), ("12", 12), ("12.0", 12), (-1, -1)]
)
def test_a_whole_number_may_be_written_in_any_way(value: Any, number: int) -> None:
    found = whole_number(value)
    assert (found, type(found)) == (number, int)


@pytest.mark.parametrize(
    "value", [None, True, "", "one", 1.5, "1.5", float("nan"), float("inf"), "1e999", [1], 10**400]
)
def test_what_is_no_whole_number_of_64_bits_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"no whole number|too large a number|could not convert"):
        whole_number(value)


def test_four_numbers_are_a_box() -> None:
    assert box([1, 2.5, "3", 4]) == (1.0, 2.5, 3.0, 4.0)


@pytest.mark.parametrize(
    "value", [None, [], [1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 3, None], {"x": 1}, [1, 2, 3, 10**400]]
)
def test_anything_else_is_no_box(value: Any) -> None:
    with pytest.raises(ValueError, match="is no box"):
        box(value)


def test_a_list_of_objects_is_found_by_its_key() -> None:
    assert objects({"images": [{"id": 1}, {}]}, "images") == [{"id": 1}, {}]


@pytest.mark.parametrize("content", [None, [], {}, {"images": None}, {"images": {}}])
def test_a_file_without_the_list_is_told(content: Any) -> None:
    with pytest.raises(ValueError, match="it has no list `images`"):
        objects(content, "images")


def test_an_element_that_is_no_object_is_shown() -> None:
    with pytest.raises(ValueError, match="7 in `images` is no object"):
        objects({"images": [{}, 7]}, "images")
