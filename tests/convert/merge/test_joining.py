"""What a test image of one set does to the images of the others that show the same."""

from __future__ import annotations

from collections import Counter
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
