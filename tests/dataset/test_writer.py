from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.raw_expw import picture
from yolo_fer import images
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.samples import Box, Face, Sample
from yolo_fer.dataset.writer import (
    ImageTask,
    WritePiece,
    is_written,
    recipe_of,
    write_images,
    write_indexes,
)
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError


def task_of(folder: Path, name: str = "a", seed: int = 1) -> ImageTask:
    source = folder / f"{hash(name)}-{seed}.jpg"
    source.write_bytes(images.encode_jpeg(picture(seed)))
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    faces = (Face(Box(10, 10, 60, 60), Emotion.FEAR), Face(Box(70, 10, 110, 60), None))
    sample = Sample(name, "drawn", source.name, sha256, None, 120, 90, faces, "g", "train")
    return ImageTask(sample, source, masked=False)


def write(task: ImageTask, out: Path, known: Fingerprint | None = None) -> Fingerprint:
    return write_images(WritePiece([task], None if known is None else [known]), out)[0]


def test_an_image_of_the_same_recipe_is_kept_and_not_written_again(tmp_path: Path) -> None:
    task, target = task_of(tmp_path), tmp_path / "out" / "images" / "train" / "a.jpg"
    known = write(task, tmp_path / "out")
    before = target.stat().st_ino, target.stat().st_mtime_ns
    task.source.unlink()  # it is not even read

    assert write(task, tmp_path / "out", known) == known

    assert (target.stat().st_ino, target.stat().st_mtime_ns) == before


@pytest.mark.parametrize("damaged", [b"", b"\xff\xd8\0\0\0"])
def test_a_damaged_image_is_written_again(tmp_path: Path, damaged: bytes) -> None:
    task, target = task_of(tmp_path), tmp_path / "out" / "images" / "train" / "a.jpg"
    known = write(task, tmp_path / "out")
    target.write_bytes(damaged)

    assert write(task, tmp_path / "out", known) == known

    assert target.read_bytes() == task.source.read_bytes()


def test_an_image_of_unknown_origin_is_written_again(tmp_path: Path) -> None:
    write(task_of(tmp_path, seed=1), tmp_path / "out")
    task = task_of(tmp_path, seed=2)

    written = write(task, tmp_path / "out")

    assert written.sha256 == task.sample.source_sha256
    target = tmp_path / "out" / "images" / "train" / "a.jpg"
    assert target.read_bytes() == task.source.read_bytes()


def test_whatever_changes_an_image_changes_its_recipe(tmp_path: Path) -> None:
    task = task_of(tmp_path)
    others = [
        replace(task, masked=True),
        *(
            replace(task, sample=replace(task.sample, **change))
            for change in (
                {"name": "b"},
                {"split": "val"},
                {"source_sha256": "0" * 64},
                {"faces": task.sample.faces[:1]},
            )
        ),
    ]
    assert len({recipe_of([item]) for item in (task, *others)}) == 1 + len(others)
    assert recipe_of([task]) == recipe_of([task_of(tmp_path)])


def test_files_outside_of_the_plan_are_removed_and_others_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept, stale = task_of(tmp_path, "vid.1/a b"), task_of(tmp_path, "old")
    file = write(kept, out)
    write(replace(stale, sample=replace(stale.sample, split="val")), out)
    (out / "images" / "notes.md").write_text("mine")

    write_indexes(out, [(kept.sample, file)])

    left = sorted(p.relative_to(out).as_posix() for p in out.glob("[il]*/**/*") if p.is_file())
    assert left == ["images/notes.md", "images/train/vid.1/a b.jpg", "labels/train/vid.1/a b.txt"]


def test_a_file_behind_a_link_is_named_and_not_removed(tmp_path: Path) -> None:
    task, out = task_of(tmp_path), tmp_path / "out"
    file = write(task, out)
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "holiday.jpg").write_bytes(b"mine")
    (out / "images" / "val").symlink_to(tmp_path / "disk")

    with pytest.raises(YoloFerError, match=r"val/holiday\.jpg is no part of the set.*`resume`"):
        write_indexes(out, [(task.sample, file)])

    assert (tmp_path / "disk" / "holiday.jpg").read_bytes() == b"mine"


def test_an_image_counts_as_written_with_its_whole_label(tmp_path: Path) -> None:
    task, out = task_of(tmp_path), tmp_path / "out"
    image, label = out / "images" / "train" / "a.jpg", out / "labels" / "train" / "a.txt"
    for cut in (image, label):
        file = write(task, out)
        assert is_written(out, task.sample, file)
        cut.write_bytes(cut.read_bytes()[:-1])
        assert not is_written(out, task.sample, file)
        cut.unlink()
        assert not is_written(out, task.sample, file)
