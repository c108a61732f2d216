"""The report of a conversion or a merge says in which images every face is boxed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from yolo_fer.dataset.boxed_faces import Search, read_search
from yolo_fer.dataset.layout import REPORT

SEARCHED = {"options": {"unlabelled": "mask"}}
LEFT_ALONE = {"options": {"unlabelled": "keep"}}


def read(folder: Path, report: Any, sources: tuple[str, ...] = ("expw",)) -> Search:
    (folder / REPORT).write_text(json.dumps(report))
    return read_search(folder, sources)


def test_a_set_of_which_nothing_is_known_says_so(tmp_path: Path) -> None:
    assert read_search(tmp_path, ["expw"]) == Search(known=False)


def test_a_conversion_searched_all_its_sources_or_none(tmp_path: Path) -> None:
    assert read(tmp_path, SEARCHED).left_alone == frozenset()
    assert read(tmp_path, LEFT_ALONE, ("expw", "rafdb")).left_alone == {"expw", "rafdb"}


def test_a_merge_tells_it_of_each_set_under_its_name_in_the_whole(tmp_path: Path) -> None:
    sets = [{"datasets": {"expw": "expw"}}, {"datasets": {"expw": "expw-2"}}]
    merged = {"options": {"sets": sets}, "conversions": [SEARCHED, LEFT_ALONE]}
    assert read(tmp_path, merged, ("expw", "expw-2")).left_alone == {"expw-2"}
    again = {
        "options": {"sets": [{"datasets": {"expw": "a", "expw-2": "b"}}]},
        "conversions": [merged],
    }
    assert read(tmp_path, again, ("a", "b")).left_alone == {"b"}


@pytest.mark.parametrize("report", [[], {}, {"options": None}, {"conversions": [], "options": {}}])
def test_a_report_of_another_kind_is_told_and_nothing_is_taken_from_it(
    tmp_path: Path, report: Any
) -> None:
    found = read(tmp_path, report)
    assert not found.known
    assert found.warning is not None
    assert f"{REPORT} cannot be read" in found.warning
