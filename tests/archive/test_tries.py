"""What a worker was at when it died is known, and who did it twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.archive.tries import Tries, killer


@pytest.mark.parametrize(
    ("deaths", "blamed"), [([], None), ([7], None), ([7, 7], 7), ([7, 8], None), ([7, 8, 7], 7)]
)
def test_a_source_at_which_two_workers_died_is_to_blame(
    tmp_path: Path, deaths: list[int], blamed: int | None
) -> None:
    for last in deaths:
        with Tries(tmp_path / "job") as tries:
            for index in range(last + 1):
                tries.at(index)
    assert killer(tmp_path / "job") == blamed


def test_a_try_that_was_cut_off_before_its_first_source_blames_nobody(tmp_path: Path) -> None:
    for _ in range(2):
        with Tries(tmp_path / "job"):
            pass
    (tmp_path / "job").write_bytes((tmp_path / "job").read_bytes() + b"   ")
    assert killer(tmp_path / "job") is None
    with Tries(tmp_path / "job") as tries:
        tries.at(3)
    assert (tmp_path / "job").read_bytes().split() == [b"3"]
