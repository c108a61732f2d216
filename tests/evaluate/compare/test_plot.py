"""The picture of a comparison, whatever the systems are called."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("matplotlib")
from matplotlib.figure import Figure

from yolo_fer import images
from yolo_fer.evaluate.compare import plot
from yolo_fer.evaluate.compare.comparison import Comparison, Row
from yolo_fer.evaluate.compare.systems import ComparedSystem, CompareOptions
from yolo_fer.evaluate.compare.timing import FACES, Timing
from yolo_fer.files import write_figure

NAMES = ("yunet+cam$1_$2.onnx", "\udcff.onnx", "_best.onnx")


def test_systems_of_any_name_stand_in_the_legend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing: Any = SimpleNamespace()
    timings = tuple(Timing(faces, (10.0 + faces,), (1.0,), float(faces)) for faces in FACES)
    figures = {"map50": 0.4, "accuracy": 0.6}
    rows = tuple(
        Row(ComparedSystem(name, nothing, nothing, nothing, nothing), figures, timings)
        for name in NAMES
    )
    path = tmp_path / "accuracy_over_speed.png"
    drawn: list[Figure] = []
    write = write_figure

    def keep(path: Path, figure: Figure, dpi: int) -> None:
        drawn.append(figure)
        write(path, figure, dpi)

    monkeypatch.setattr(plot, "write_figure", keep)
    comparison = Comparison(Path("a$b$^/data.yaml"), "test", "", CompareOptions(), rows, ())
    plot.draw_accuracy_over_speed(comparison, path)
    assert images.read(path).shape[1] > 1000
    texts = [text.get_text().strip() for text in drawn[0].legends[0].get_texts()]
    assert texts == ["yunet+cam$1_$2.onnx", "\\udcff.onnx", "_best.onnx"]
