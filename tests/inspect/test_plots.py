from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from yolo_fer import images
from yolo_fer.dataset.coco import CocoImage
from yolo_fer.dataset.samples import Box, Face
from yolo_fer.emotions import Emotion
from yolo_fer.inspect.plots import draw_plots
from yolo_fer.inspect.sampling import Figures


def figures(*faces: Face) -> Figures:
    found = Figures()
    found.add("train", CocoImage("a.jpg", 400, 300, ()), faces)
    return found


@pytest.mark.parametrize("title", ["a set", "a$b$^_{", "cam$1_$2", "\udcff"])
def test_a_set_of_any_name_is_plotted(tmp_path: Path, title: str) -> None:
    found = figures(Face(Box(10, 10, 60, 70), Emotion.FEAR), Face(Box(0, 0, 9, 9), None))
    draw_plots(found, ["train", "val"], title, tmp_path / "plots.png")
    assert images.read(tmp_path / "plots.png").shape[1] > 1000


@pytest.mark.parametrize("side", [0.5, 3000.0])
def test_boxes_of_any_one_size_are_plotted(tmp_path: Path, side: float) -> None:
    found = figures(*(Face(Box(0, 0, side, side), emotion) for emotion in Emotion))
    draw_plots(found, ["train"], "all alike", tmp_path / "plots.png")
    assert images.read(tmp_path / "plots.png").std() > 10
