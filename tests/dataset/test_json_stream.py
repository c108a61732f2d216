"""A list in a JSON file of any length, an object at a time."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from yolo_fer.dataset.json_stream import list_of
from yolo_fer.errors import YoloFerError

OBJECTS = [{"id": i, "text": "ü \udcff ]}" * (i % 3), "list": [[i], {}]} for i in range(50)]


def read(text: str, key: str = "images") -> list[dict[str, Any]]:
    return list(list_of(io.StringIO(text), key, Path("a.json")))


@pytest.mark.parametrize("indent", [None, 0, 4])
def test_the_objects_come_as_json_has_them_wherever_the_list_stands(indent: int | None) -> None:
    others = {"info": {"images": [1]}, "licences": [], "annotations": [{"id": 1}]}
    for content in ({"images": OBJECTS, **others}, {**others, "images": OBJECTS}):
        assert read(json.dumps(content, indent=indent)) == OBJECTS


def test_an_empty_list_has_none() -> None:
    assert read('{"images": []}') == []


def test_values_longer_than_what_is_read_at_once_come_whole() -> None:
    long = [{"text": letter * 3_000_000} for letter in "ab"]
    assert read(json.dumps({"info": long, "images": long})) == long


def test_a_long_list_is_never_held_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    element = json.dumps({"text": 1000 * "a"})
    path.write_text('{"images": [' + ",".join([element] * 20_000) + "]}")
    tracemalloc.start()
    with path.open() as file:
        assert sum(1 for _ in list_of(file, "images", path)) == 20_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < path.stat().st_size / 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it ends too early"),
        ('{"images": [{"id": 1}', "it ends too early"),
        ('{"images": [{"id": 1', "delimiter"),
        ('{"images": 3}', "no list `images`"),
        ('{"annotations": []}', "no list `images`"),
        ('{"images": [3]}', "'3' in `images` is no object"),
        ("[]", "'[' where '{' was expected"),
        ('{"images": [' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_such_file_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(YoloFerError, match=rf"a\.json is not a COCO file: .*{re.escape(words)}"):
        read(text)
