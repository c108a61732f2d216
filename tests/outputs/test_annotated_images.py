"""Annotated copies mirror the folders, and nothing is replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.pictures import write_grey
from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.errors import UsageError
from yolo_fer.images import read
from yolo_fer.inputs.listing import collect_images
from yolo_fer.outputs import AnnotatedImageSink
from yolo_fer.predict.image_files import predict_images


def save(folder: Path, *sources: Path, overwrite: bool = False) -> list[str]:
    inputs = collect_images([str(source) for source in sources])
    with AnnotatedImageSink(folder, inputs, overwrite) as sink:
        for predicted in predict_images(BrightnessPredictor(), inputs):
            sink.write(predicted)
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_annotated_copies_mirror_the_folders_and_originals_stay(tmp_path: Path) -> None:
    paths = [write_grey(tmp_path / "in" / name) for name in ("a.jpg", "sub/a.jpg", "other/ü.png")]
    before = [path.read_bytes() for path in paths]
    assert save(tmp_path / "out", tmp_path / "in") == ["a.jpg", "other/ü.jpg", "sub/a.jpg"]
    assert [path.read_bytes() for path in paths] == before
    assert (read(tmp_path / "out" / "a.jpg") != read(paths[0])).any()


def test_copies_of_the_same_name_do_not_replace_each_other(tmp_path: Path) -> None:
    names = ["a.jpg", "A.JPG", "a.png", "x/a.jpg", "y/a.jpg"]
    paths = [write_grey(tmp_path / "in" / name) for name in names]
    assert len(save(tmp_path / "out", *paths)) == 5
    assert len({name.casefold() for name in save(tmp_path / "out2", *paths)}) == 5


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    source = write_grey(tmp_path / "a.jpg")
    out = tmp_path / "out"
    write_grey(out / "a.jpg", level=7)
    with pytest.raises(UsageError, match="`overwrite`"):
        save(out, source)
    assert save(out, source, overwrite=True) == ["a.jpg"]


def test_a_copy_never_replaces_an_input(tmp_path: Path) -> None:
    path = write_grey(tmp_path / "in" / "a.jpg")
    before = path.read_bytes()
    with pytest.raises(UsageError, match="is to be predicted and would be lost"):
        save(tmp_path / "in", path, overwrite=True)
    assert path.read_bytes() == before


def test_a_panorama_that_jpeg_cannot_hold_has_a_smaller_copy(tmp_path: Path) -> None:
    wide = write_grey(tmp_path / "a.png", (4, 70_000))
    high = write_grey(tmp_path / "b.png", (70_000, 4))
    last = write_grey(tmp_path / "c.png")
    assert save(tmp_path / "out", wide, high, last) == ["a.jpg", "b.jpg", "c.jpg"]
    shapes = [read(tmp_path / "out" / f"{name}.jpg").shape[:2] for name in "abc"]
    assert shapes == [(4, 65_500), (65_500, 4), (40, 60)]


def test_a_link_to_itself_has_no_copy_and_the_others_have_theirs(tmp_path: Path) -> None:
    write_grey(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "b.jpg").symlink_to("b.jpg")
    assert save(tmp_path / "out", tmp_path / "in") == ["a.jpg"]
