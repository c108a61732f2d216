from __future__ import annotations

from pathlib import Path

from tests.helpers.converted import TRAIN, convert_faces, convert_raw
from tests.helpers.raw_expw import RawExpw
from yolo_fer import images
from yolo_fer.inspect.set_view import view_set


def test_a_set_gets_a_sheet_for_each_emotion_that_is_there_and_plots(tmp_path: Path) -> None:
    raw = RawExpw(tmp_path / "raw")
    for i in range(9):
        raw.face(f"{i}.jpg", seed=i, label=i % 2)
    raw.row("0.jpg", (70, 10, 110, 50), score=20)
    folder = convert_raw(raw, tmp_path / "set", TRAIN)
    (tmp_path / "out").mkdir()
    files = view_set(folder, tmp_path / "out", samples=4)
    assert [file.name for file in files] == [
        "train_anger.jpg",
        "train_disgust.jpg",
        "train_ignored.jpg",
        "plots.png",
    ]
    for file in files:
        assert images.read(file).std() > 10


def test_an_image_that_went_away_leaves_a_tile_that_says_so(tmp_path: Path) -> None:
    folder = convert_faces(tmp_path / "set", range(3), TRAIN)
    (folder / "images/train/1.jpg").unlink()
    (tmp_path / "out").mkdir()
    assert len(view_set(folder, tmp_path / "out")) == 4
