"""An archive becomes jobs: each source in one, and nothing moves that did not change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers.archives import draw
from yolo_fer.archive.plan import Plan
from yolo_fer.archive.sources import Job
from yolo_fer.errors import UsageError

PIXEL = b"\x89PNG\r\n\x1a\n"  # is taken for an image, which is all that a plan looks for


def fill(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number:05d}.png").write_bytes(PIXEL)
    return folder


def plan(*sources: Path | str, out: Path = Path("nowhere")) -> list[Job]:
    return list(Plan([*map(str, sources)], out))


def names(jobs: list[Job]) -> list[str]:
    return [source.name for job in jobs for source in job.sources]


def test_images_share_jobs_of_a_few_hundred_and_a_video_has_its_own(archive: Path) -> None:
    fill(archive / "many", 1500)
    jobs = plan(archive)
    videos = [job for job in jobs if job.sources[0].kind == "video"]
    assert [Path(job.sources[0].name).name for job in videos] == ["b.mp4", "c.mp4"]
    assert {len(job.sources) for job in videos} == {1}
    images = [len(job.sources) for job in jobs if job.sources[0].kind == "image"]
    assert sum(images) == 1502
    assert max(images) <= 512
    assert min(images[:-1]) >= 64
    assert len(names(jobs)) == len(set(names(jobs)))


def test_an_image_that_is_added_changes_the_jobs_near_by_only(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", 3000)
    before = {job.name for job in plan(folder)}
    (folder / "00007b.png").write_bytes(PIXEL)
    after = {job.name for job in plan(folder)}
    assert len(before) > 8
    assert len(before - after) <= 2


def test_the_first_job_is_there_before_the_archive_was_searched(tmp_path: Path) -> None:
    searched = Plan([str(fill(tmp_path / "in", 3000))], Path("nowhere"))
    first = next(iter(searched))
    assert searched.found == len(first.sources) <= 512


def test_a_job_of_another_content_has_another_name(tmp_path: Path) -> None:
    image = draw(tmp_path / "in" / "a.png")
    (before,) = plan(image)
    os.utime(image, ns=(0, 0))
    (after,) = plan(image)
    assert before.name != after.name
    assert before.name.rpartition("-")[0] == after.name.rpartition("-")[0]


@pytest.mark.parametrize("name", ["_a.png", ".a.png", "…/__.png", "-.png", "x" * 240 + ".png"])
def test_readers_of_a_folder_see_the_files_of_every_job(tmp_path: Path, name: str) -> None:
    (job,) = plan(draw(tmp_path / name))
    assert job.name[0] not in "._-"
    assert len(job.name.encode()) < 200
    assert "/" not in job.name


def test_links_in_circles_give_every_file_once(archive: Path) -> None:
    (archive / "more" / "up").symlink_to(archive)
    (archive / "loop").symlink_to(".")
    found = names(plan(archive))
    assert len(found) == 4


def test_overlapping_sources_are_refused_and_the_same_file_is_taken_once(
    archive: Path, tmp_path: Path
) -> None:
    for inside in (archive / "more", archive / "a.png", f"{archive}/*.png"):
        with pytest.raises(UsageError, match=r"lies in .*archive, which is predicted as a whole"):
            plan(archive, inside)
    with pytest.raises(UsageError, match="named twice"):
        plan(archive, archive / "more" / "..")
    assert len(names(plan(archive / "a.png", f"{archive}/*", f"{archive}/*.mp4"))) == 2
    assert len(names(plan(archive, draw(tmp_path / "other.png")))) == 5


@pytest.mark.parametrize("source", ["0", "rtsp://camera/1", "http://server/a.mp4", ""])
def test_what_is_no_file_is_refused(source: str) -> None:
    with pytest.raises(UsageError):
        Plan([source], Path("nowhere"))


def test_a_missing_file_is_a_source_that_will_fail_and_other_files_are_counted(
    archive: Path, tmp_path: Path
) -> None:
    (job,) = plan(tmp_path / "missing.mp4")
    assert job.sources[0].kind == "video"
    (archive / "notes.txt").write_text("nothing to see")
    searched = Plan([str(archive)], tmp_path / "out")
    list(searched)
    assert dict(searched.left_out) == {"neither image nor video": 1}
    assert searched.left_out.examples["neither image nor video"].endswith("notes.txt")


def test_a_link_to_itself_is_a_source_that_fails_and_never_ends_the_search(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", 2)
    (folder / "b.png").symlink_to("b.png")
    (folder / "sub").symlink_to("sub")
    for named in ([folder], [folder / "*.png"], sorted(folder.glob("*.png"))):
        assert {Path(name).name for name in names(plan(*named))} >= {"00000.png", "b.png"}
