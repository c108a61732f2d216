"""Conversions of ExpW that are begun where something is, stopped, or shared out to workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.converted import contents, labels
from tests.helpers.converted_expw import ALL_TRAIN, KEEP, convert
from tests.helpers.raw_expw import RawExpw
from yolo_fer.convert.expw import convert_expw
from yolo_fer.convert.options import Run
from yolo_fer.errors import UsageError, YoloFerError


def test_an_out_folder_that_is_not_empty_is_left_alone(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("a.jpg", seed=1)
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    for run in (Run(), Run(resume=True), Run(overwrite=True)):
        with pytest.raises(UsageError):
            convert_expw(raw.write(), out, ALL_TRAIN, run)
    assert contents(out) == {"thesis.txt": b"mine"}
    with pytest.raises(UsageError, match="holds the raw dataset"):
        convert_expw(raw.root, raw.root, ALL_TRAIN, Run(overwrite=True))


def test_overwriting_replaces_a_conversion_and_nothing_else(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("a.jpg", seed=1)
    out = tmp_path / "out"
    convert(raw, out)
    (out / "notes.txt").write_text("mine")
    raw.lines.clear()
    raw.face("b.jpg", seed=2)
    convert_expw(raw.write(), out, ALL_TRAIN, Run(overwrite=True))
    assert list(labels(out)) == ["b.txt"]
    assert (out / "notes.txt").read_text() == "mine"


class Killed(Exception):
    """Stands for a kill: it comes from outside the conversion."""


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_resuming_after_a_kill_ends_with_the_same_bytes(
    raw: RawExpw, tmp_path: Path, steps: int
) -> None:
    for i in range(70):  # three chunks to scan, three to write
        raw.face(f"{i}.jpg", seed=i, label=i % 7)
    convert(raw, tmp_path / "whole", KEEP)
    out = tmp_path / "out"
    left = steps

    def killing(items, description, total):
        nonlocal left
        for item in items:
            if left == 0:
                raise Killed
            left -= 1
            yield item

    with pytest.raises(Killed):
        convert_expw(raw.root, out, KEEP, Run(progress=killing))
    assert not (out / "data.yaml").exists()
    report = convert_expw(raw.root, out, KEEP, Run(resume=True))
    assert report is not None
    assert contents(out) == contents(tmp_path / "whole")
    assert convert_expw(raw.root, out, KEEP, Run(resume=True)) is None, "nothing is left to do"
    assert contents(out) == contents(tmp_path / "whole")


def test_resuming_with_other_options_is_refused(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("a.jpg", seed=1)
    convert(raw, tmp_path / "out")
    with pytest.raises(UsageError, match=r"min_score was 50\.0, is 60"):
        convert_expw(raw.root, tmp_path / "out", replace(ALL_TRAIN, min_score=60), Run(resume=True))


def test_the_number_of_workers_changes_no_byte(raw: RawExpw, tmp_path: Path) -> None:
    for i in range(70):
        raw.face(f"{i}.jpg", seed=i, label=i % 7)
    convert(raw, tmp_path / "one", KEEP)
    convert_expw(raw.root, tmp_path / "two", KEEP, Run(workers=2))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_an_unwritable_folder_is_an_error_that_names_it(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("a.jpg", seed=1)
    (tmp_path / "file").write_text("x")
    with pytest.raises(YoloFerError, match="file"):
        convert_expw(raw.write(), tmp_path / "file" / "out", ALL_TRAIN)
