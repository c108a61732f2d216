"""Conversions of ExpW that are begun where something is, stopped, or shared out to workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

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

    def killing(items: Iterable[Any], description: str, total: int) -> Iterator[Any]:
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


def stop_before_the_indexes(raw: RawExpw, out: Path) -> None:
    """Convert until all images are written; then comes a kill."""

    def killing(items: Iterable[Any], description: str, total: int) -> Iterator[Any]:
        yield from items
        if description == "writing images":
            raise Killed

    with pytest.raises(Killed):
        convert_expw(raw.write(), out, KEEP, Run(progress=killing))
    assert (out / "images").is_dir()


def test_resuming_when_the_source_has_changed_ends_as_a_new_conversion_does(
    raw: RawExpw, tmp_path: Path
) -> None:
    for i in range(70):
        raw.face(f"{i}.jpg", seed=i, label=i % 7)
    out = tmp_path / "out"
    stop_before_the_indexes(raw, out)
    for i in range(20, 40):  # a better copy was unpacked: other groups, other splits
        raw.image(f"{i}.jpg", 1000 + i)
    (raw.images / "3.jpg").unlink()
    raw.face("new.jpg", seed=500)

    report = convert_expw(raw.write(), out, KEEP, Run(resume=True))

    assert report is not None
    convert(raw, tmp_path / "whole", KEEP)
    assert contents(out) == contents(tmp_path / "whole")


def test_resuming_writes_a_damaged_image_again_and_no_other(raw: RawExpw, tmp_path: Path) -> None:
    for i in range(40):
        raw.face(f"{i}.jpg", seed=i, label=i % 7)
    convert(raw, tmp_path / "whole", KEEP)
    out = tmp_path / "out"
    stop_before_the_indexes(raw, out)
    files = sorted((out / "images").rglob("*.jpg"))
    files[0].write_bytes(b"")  # as a power cut leaves it
    before = {path: path.stat().st_ino for path in files}

    convert_expw(raw.root, out, KEEP, Run(resume=True))

    assert contents(out) == contents(tmp_path / "whole")
    assert [path for path in files if path.stat().st_ino != before[path]] == files[:1]


def test_a_complete_set_is_not_complete_for_another_dataset(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("a.jpg", seed=1)
    convert(raw, tmp_path / "out")
    other = RawExpw(tmp_path / "other")
    other.face("b.jpg", seed=2)
    with pytest.raises(UsageError, match=r"made from other files than .*other"):
        convert_expw(other.write(), tmp_path / "out", ALL_TRAIN, Run(resume=True))


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
