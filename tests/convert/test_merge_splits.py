"""What a test image of one set does to the images of the others that show the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.converted import (
    TEST,
    TRAIN,
    change_rows,
    convert_faces,
    convert_raw,
    recompressed,
    rows,
)
from tests.helpers.merged import merged, splits
from tests.helpers.raw_expw import RawExpw, picture
from yolo_fer.convert.merge.outcomes import MergeOptions
from yolo_fer.convert.rules import Unlabelled


@pytest.mark.parametrize("copy", ["identical", "near"])
def test_an_image_that_another_set_tests_on_moves_to_test(tmp_path: Path, copy: str) -> None:
    raw = RawExpw(tmp_path / "raw")
    for seed in range(6):
        raw.face(f"{seed}.jpg", seed=seed)
    training = convert_raw(raw, tmp_path / "training", TRAIN)
    other = RawExpw(tmp_path / "other")
    data = (raw.images / "3.jpg").read_bytes()
    other.image("copy.jpg", data if copy == "identical" else recompressed(picture(3)))
    other.row("copy.jpg", label=5)
    other.face("else.jpg", seed=77)
    testing = convert_raw(other, tmp_path / "testing", TEST)
    result = merged([training, testing], tmp_path / "out")
    assert splits(tmp_path / "out")["3"] == "test"
    assert result["datasets"]["training"]["images_moved"] == {"train to test": 1}
    assert any("1 from train to test" in warning for warning in result["warnings"])
    groups = {Path(row["file"]).stem: row["group"] for row in rows(tmp_path / "out")}
    assert groups["3"] == groups["copy"]
    flags = {Path(row["file"]).stem: row["flags"] for row in rows(tmp_path / "out")}
    assert flags["3"] == "moved_from_train"
    assert flags["copy"] == ""


def test_a_painted_copy_of_a_test_image_is_left_out_with_a_reason(tmp_path: Path) -> None:
    raw = RawExpw(tmp_path / "raw")
    raw.face("plain.jpg", seed=1)
    raw.face("painted.jpg", seed=2)
    raw.row("painted.jpg", (70, 10, 110, 50), score=20)
    painted = convert_raw(raw, tmp_path / "painted", replace(TRAIN, unlabelled=Unlabelled.MASK))
    assert sum("masked" in row["flags"] for row in rows(painted)) == 1
    testing = convert_raw(raw, tmp_path / "testing", TEST)
    result = merged([painted, testing], tmp_path / "out")
    assert result["datasets"]["painted"]["images_dropped"] == {"masked_copy_of_test": 1}
    assert result["datasets"]["painted"]["images_moved"] == {"train to test": 1}
    assert result["dropped"] == {"masked_copy_of_test": 1}
    assert "masked_copy_of_test" in (tmp_path / "out" / "dropped.csv").read_text()


def make_video(folder: Path) -> None:
    """Make one video of all images of a set."""

    def change(table: list[dict[str, str]]) -> None:
        for number, row in enumerate(table, start=1):
            row.update(frame=str(number), group="video", source="clips", source_sha256="ab" * 32)

    change_rows(folder, change)


def test_a_frame_that_shows_a_test_image_is_left_out_and_its_video_stays(tmp_path: Path) -> None:
    video = convert_faces(tmp_path / "video", range(8), TRAIN)
    make_video(video)
    testing = convert_faces(tmp_path / "testing", [5, 40, 41], TEST)
    result = merged([video, testing], tmp_path / "out")
    assert result["images_dropped"] == {"frame_shown_in_test": 1}
    assert result["images_moved"] == {}
    assert Counter(row["split"] for row in rows(tmp_path / "out")) == {"train": 7, "test": 3}


def test_an_image_that_a_frame_of_a_test_video_shows_moves_to_test(tmp_path: Path) -> None:
    video = convert_faces(tmp_path / "video", range(8), TEST)
    make_video(video)
    training = convert_faces(tmp_path / "training", [5, 40, 41], TRAIN)
    result = merged([video, training], tmp_path / "out")
    assert result["images_moved"] == {"train to test": 1}
    assert result["images_dropped"] == {}


def test_one_video_in_two_sets_goes_to_one_split(tmp_path: Path) -> None:
    testing = convert_faces(tmp_path / "testing", range(4), TEST)
    training = convert_faces(tmp_path / "training", range(10, 16), TRAIN)
    for folder in (testing, training):
        make_video(folder)
    result = merged([training, testing], tmp_path / "out")
    assert result["datasets"]["training"]["images_moved"] == {"train to test": 6}


def test_scenes_that_show_crops_of_one_group_go_to_one_split(tmp_path: Path) -> None:
    testing = convert_faces(tmp_path / "testing", range(4), TEST)
    training = convert_faces(tmp_path / "training", range(10, 16), TRAIN)
    change_rows(testing, lambda table: table[0].update(flags="scene;members:aa+bb"))
    change_rows(training, lambda table: table[2].update(flags="scene;members:cc+bb"))
    result = merged([training, testing], tmp_path / "out")
    assert result["images_moved"] == {"train to test": 1}


def test_a_source_file_that_gave_several_groups_joins_nothing(tmp_path: Path) -> None:
    testing = convert_faces(tmp_path / "testing", range(4), TEST)
    training = convert_faces(tmp_path / "training", range(10, 16), TRAIN)
    for folder in (testing, training):
        change_rows(
            folder, lambda table: [row.update(source_sha256="cd" * 32) for row in table] and None
        )
    assert merged([training, testing], tmp_path / "out")["images_moved"] == {}


def test_so_many_test_images_of_each_set_are_kept_and_the_choice_is_stable(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(20), TEST)
    b = convert_faces(tmp_path / "b", range(50, 53), TEST)
    c = convert_faces(tmp_path / "c", range(70, 78), TRAIN)
    options = MergeOptions(test_images=5)
    result = merged([a, b, c], tmp_path / "out", options)
    counts = {name: part["images_out"] for name, part in result["datasets"].items()}
    assert counts == {"a": 5, "b": 3, "c": 8}
    assert result["dropped"] == {"not_drawn_for_test": 15}
    assert any(warning.startswith("b has no more than the 5") for warning in result["warnings"])
    fewer = merged([a, c], tmp_path / "fewer", options)
    other = merged([a, c], tmp_path / "other", replace(options, seed=1))
    assert fewer["faces_out"] == other["faces_out"] == 13

    def kept(name: str) -> set[str]:
        found = rows(tmp_path / name)
        return {row["sha256"] for row in found if row["split"] == "test" and row["source"] == "a"}

    assert kept("out") == kept("fewer") != kept("other")
