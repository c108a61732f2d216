"""The folder of an archive's results: what is done, what is damaged, what may be replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.archive.account import SourceRow
from yolo_fer.archive.parts import RUN_FILE, Parts, open_folder
from yolo_fer.errors import FileFault, UsageError, YoloFerError
from yolo_fer.outputs.face_table import TableFormat

JOB, OTHER = "a-0123456789abcdef", "b-fedcba9876543210"
GOOD = SourceRow("a.png", "image", 9, 3, 2, frames=1)


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    found = Parts(tmp_path / "out", TableFormat.CSV)
    found.make_folders("_tracks")
    return found


def test_a_job_is_done_once_its_ledger_is_written(parts: Parts) -> None:
    assert not parts.is_done(JOB)
    parts.marks(JOB).touch()
    parts.finish_job(JOB, [GOOD])
    assert parts.is_done(JOB)
    assert [*parts.rows()] == [GOOD]
    assert not parts.marks(JOB).exists()


@pytest.mark.parametrize(
    ("error", "is_done"),
    [
        (FileFault.CORRUPT_IMAGE, True),  # it will be as damaged the next time
        (FileFault.UNREADABLE_IMAGE, False),
        (FileFault.WORKER_DIED, False),
    ],
)
def test_what_may_go_well_the_next_time_is_counted_and_not_yet_done(
    parts: Parts, error: FileFault, is_done: bool
) -> None:
    bad = SourceRow("b.png", "image", 9, error=error, detail="why")
    parts.finish_job(JOB, [GOOD, bad])
    assert parts.is_done(JOB) == is_done
    assert parts.account().failed == {error: 1}
    parts.finish_job(JOB, [GOOD, GOOD])
    assert parts.is_done(JOB)
    assert parts.account().failed == {}, "the first try is not counted any more"


@pytest.mark.parametrize("text", ["", "source,kind\n", "source,kind\na.png,image\n", "\0"])
def test_a_damaged_ledger_is_named_with_what_to_do(parts: Parts, text: str) -> None:
    parts.finish_job(JOB, [GOOD])
    (ledger,) = (parts.out / "_sources").iterdir()
    ledger.write_text(text)
    with pytest.raises(YoloFerError, match=rf"{JOB}\.csv is damaged.*`resume`"):
        parts.account()


def test_files_of_jobs_that_there_are_no_more_are_found(parts: Parts) -> None:
    for name in (JOB, OTHER):
        parts.faces(name).touch()
        parts.tracks(name).touch()
        parts.finish_job(name, [GOOD])
    (parts.out / "faces" / "notes.txt").touch()
    found = parts.superseded({int(JOB[-16:], 16)})
    assert [path.name for path in found] == [f"{OTHER}.csv"] * 3


def test_removing_the_results_leaves_what_is_somebody_elses(parts: Parts, tmp_path: Path) -> None:
    parts.finish_job(JOB, [GOOD])
    parts.run_file.touch()
    (parts.out / "notes.txt").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "picture.png").touch()
    (parts.out / "_timelines").symlink_to(tmp_path / "elsewhere")
    parts.remove()
    assert [path.name for path in parts.out.iterdir()] == ["notes.txt"]
    assert (tmp_path / "elsewhere" / "picture.png").exists()


def test_what_was_left_half_done_goes_and_what_is_done_stays(parts: Parts) -> None:
    parts.finish_job(JOB, [GOOD])
    (parts.out / "faces" / ".half.csv.tmp").touch()
    parts.marks(OTHER).touch()
    parts.clean_up()
    left = {path.relative_to(parts.out).as_posix() for path in parts.out.rglob("*")}
    assert left == {"faces", "_sources", "_tracks", f"_sources/{JOB}.csv"}


def test_a_folder_is_opened_only_if_nothing_in_it_is_lost(tmp_path: Path) -> None:
    out = tmp_path / "out"
    open_folder(out, resume=True, overwrite=False)
    out.mkdir()
    open_folder(out, resume=False, overwrite=False)
    (out / "notes.txt").touch()
    with pytest.raises(UsageError, match="nor the results of an archive"):
        open_folder(out, resume=True, overwrite=False)
    (out / RUN_FILE).touch()
    with pytest.raises(UsageError, match=r"add `resume` .* or `overwrite`"):
        open_folder(out, resume=False, overwrite=False)
    open_folder(out, resume=True, overwrite=False)
    open_folder(out, resume=False, overwrite=True)
    with pytest.raises(UsageError, match="give one of them"):
        open_folder(out, resume=True, overwrite=True)
    with pytest.raises(UsageError, match="is a file"):
        open_folder(out / "notes.txt", resume=False, overwrite=True)
