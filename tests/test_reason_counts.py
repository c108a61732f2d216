from __future__ import annotations

from yolo_fer.reason_counts import ReasonCounts


def test_each_reason_has_a_line_with_its_first_example_the_most_frequent_first() -> None:
    bad = ReasonCounts()
    bad.note("empty_image", "a.png is empty")
    bad.note("not_an_image", "b.png is a text", count=3)
    bad.note("empty_image", "c.png is empty")
    assert bad.total() == 5
    assert bad.lines() == [
        "3 not_an_image, for example b.png is a text",
        "2 empty_image, for example a.png is empty",
    ]
