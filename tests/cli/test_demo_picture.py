from __future__ import annotations

from pathlib import Path

import numpy as np

from yolo_fer import images
from yolo_fer.cli.demo_picture import draw_overview
from yolo_fer.files import write_atomically


def write(path: Path, colour: tuple[int, int, int], height: int = 200) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, images.encode_jpeg(np.full((height, 300, 3), colour, np.uint8)))


def test_the_picture_shows_the_photograph_above_six_scenes_of_any_height(tmp_path: Path) -> None:
    for number in range(9):
        write(tmp_path / "scenes" / f"{number}.jpg", (0, 200, 0), height=150 + 20 * number)
    write(tmp_path / "photographs" / "a.jpg", (200, 0, 0))
    draw_overview(tmp_path / "demo.jpg", tmp_path / "scenes", tmp_path / "photographs")
    picture = images.read(tmp_path / "demo.jpg").astype(int)
    blue, green, red = (picture[..., channel] > 150 for channel in range(3))
    rows_of_photograph = np.flatnonzero((blue & ~green & ~red).mean(axis=1) > 0.9)
    rows_of_scenes = np.flatnonzero((green & ~blue & ~red).mean(axis=1) > 0.9)
    assert len(rows_of_photograph) > 600
    assert rows_of_photograph.max() < rows_of_scenes.min()
    assert np.count_nonzero(np.diff(rows_of_scenes) > 1) == 1, "two rows of three"


def test_without_a_photograph_there_are_the_scenes(tmp_path: Path) -> None:
    write(tmp_path / "scenes" / "a.jpg", (0, 200, 0))
    draw_overview(tmp_path / "demo.jpg", tmp_path / "scenes", tmp_path / "photographs")
    assert images.read(tmp_path / "demo.jpg").shape[1] == 960
