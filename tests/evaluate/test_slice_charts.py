"""Charts of slices, whatever the columns of a manifest and their values are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("pycocotools")
from tests.helpers.tiny_set import LEFT, SPLIT, Canned, TinyImage, face, write_set
from yolo_fer import images
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.evaluate import evaluate
from yolo_fer.evaluate.options import EvaluationOptions
from yolo_fer.evaluate.slice_charts import draw_slices

# The last is how a manifest writes a name with a byte that is no UTF-8.
ODD = ("cam$1_$2", "a$b$^_{", "a\\udcff")


def test_values_and_columns_of_any_name_are_drawn_and_the_figures_written(tmp_path: Path) -> None:
    tiny = [TinyImage(((LEFT, Emotion.ANGER),), flags=flags) for flags in ODD]
    data = write_set(tmp_path / "set$1_$2", tiny)
    predictor = Canned(*[[face(LEFT, anger=0.9)]] * len(tiny))
    out = tmp_path / "out"
    out.mkdir()
    options = EvaluationOptions(resamples=0, columns=("flags",))
    metrics = evaluate(predictor, data, SPLIT, options, out=out)
    assert [row.value for row in metrics.slices["flags"]] == ["a$b$^_{", "a\udcff", "cam$1_$2"]
    assert images.read(out / "by_flags.png").std() > 5
    assert (out / "metrics.json").is_file()

    charts = tmp_path / "charts"
    charts.mkdir()
    odd = {f"{name}\udcff": metrics.slices["flags"] for name in ODD}
    draw_slices(replace(metrics, slices=odd), charts)
    drawn = [path for path in charts.iterdir() if "size" not in path.name]
    assert len(drawn) == len(ODD)
    assert all(images.read(path).std() > 5 for path in drawn)
    assert not any(set(path.name) & set("$^{\\\udcff") for path in drawn)

    names = ("size", "a+b", "a-b", "a b", "A b")
    draw_slices(replace(metrics, slices=dict.fromkeys(names, metrics.slices["flags"])), charts)
    later = {path.name for path in charts.iterdir()} - {path.name for path in drawn}
    assert later == {
        "by_size.png",
        "by_size-2.png",
        "by_a_b.png",
        "by_a-b.png",
        "by_a_b-2.png",
        "by_A_b-3.png",
    }
