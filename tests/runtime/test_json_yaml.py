"""JSON and YAML files that anybody may have written: nothing in them runs, grows or hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from yolo_fer.runtime.json_yaml import read_json, read_yaml, short


def yaml_of(folder: Path, text: str) -> Any:
    (folder / "a.yaml").write_text(text, encoding="utf-8-sig")
    return read_yaml(folder / "a.yaml")


def json_of(folder: Path, text: str) -> Any:
    (folder / "a.json").write_text(text)
    return read_json(folder / "a.json")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    content = {"names": ["anger", "ü"], "splits": {"train": 3}, "path": None}
    assert (
        json_of(tmp_path, '{"names": ["anger", "\\u00fc"], "splits": {"train": 3}, "path": null}')
        == content
    )
    assert yaml_of(tmp_path, "names: [anger, ü]\nsplits: {train: 3}\npath:\n") == content


@pytest.mark.parametrize("text", ["", "{", '{"a": 1, "a": 2}', "[" * 100_000, "\xff"])
def test_json_that_is_none_or_hides_a_value_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError):  # each has words of its own
        json_of(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2",
        "[" * 5_000,
        "a: !!python/object/apply:os.system [ls]",
        "a: &a [1]\nb: [*a, *a]",
        "a: !!bool perhaps",
        "a: [",
    ],
)
def test_yaml_that_runs_grows_or_hides_something_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError):
        yaml_of(tmp_path, text)


def test_a_key_that_is_there_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'train' is there twice"):
        yaml_of(tmp_path, "train: a\nval: b\ntrain: c\n")


def test_a_date_is_a_text_and_a_repeated_word_is_no_growth(tmp_path: Path) -> None:
    assert yaml_of(tmp_path, "path: 2024-13-45") == {"path": "2024-13-45"}
    assert yaml_of(tmp_path, "a: &a word\nb: *a") == {"a": "word", "b": "word"}


def test_a_value_in_a_message_is_short() -> None:
    assert short("a") == "'a'"
    assert len(short("a" * 1000)) == 80
    assert short(10**5000) == "a number of thousands of digits"
