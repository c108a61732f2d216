"""Finished work is found again, also where a kill cut the file short."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.runtime.journal import Journal


def fill(path: Path, **values: object) -> Path:
    with Journal(path) as journal:
        for key, value in values.items():
            journal.put(key, value)
    return path


def test_what_was_put_under_a_key_is_found_in_the_same_run_and_the_next(tmp_path: Path) -> None:
    values = {"a": {"faces": 3}, "b": [1, None, "ü \udcff"], "c": 0}
    with Journal(tmp_path / "j") as journal:
        for key, value in values.items():
            journal.put(key, value)
            assert journal.get(key) == value
        assert journal.get("d") is None
    with Journal(tmp_path / "j") as journal:
        assert {key: journal.get(key) for key in values} == values
        journal.put("d", 4)
        assert journal.get("a") == values["a"]
    with Journal(tmp_path / "j") as journal:
        assert journal.get("d") == 4


@pytest.mark.parametrize("bytes_left", range(1, 12))
def test_a_line_that_was_cut_short_is_work_that_is_done_again(
    tmp_path: Path, bytes_left: int
) -> None:
    path = fill(tmp_path / "j", first=1)
    whole = path.read_bytes()
    path.write_bytes(whole + b'["second",2]\n'[:bytes_left])
    with Journal(path) as journal:
        assert journal.get("first") == 1
        assert journal.get("second") is None
        journal.put("second", 2)
    assert path.read_bytes() == fill(tmp_path / "k", first=1, second=2).read_bytes()


def test_the_last_word_under_a_key_counts(tmp_path: Path) -> None:
    path = fill(tmp_path / "j", a=1)
    with Journal(path) as journal:
        journal.put("a", 2)
        assert journal.get("a") == 2
    with Journal(path) as journal:
        assert journal.get("a") == 2


def test_a_value_is_in_the_file_when_put_returns(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.put("a", 1)
        assert (tmp_path / "j").read_bytes().endswith(b"1]\n")


def test_zeros_that_a_power_cut_left_are_work_that_is_done_again(tmp_path: Path) -> None:
    path = fill(tmp_path / "j", first=1)
    whole = path.read_bytes()
    path.write_bytes(whole + bytes(40) + b"\n" + b'["third",3]\n')
    with Journal(path) as journal:
        assert (journal.get("first"), journal.get("third")) == (1, None)
        journal.put("second", 2)
    assert path.read_bytes() == fill(tmp_path / "k", first=1, second=2).read_bytes()
