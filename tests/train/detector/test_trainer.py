"""What a training that goes on takes from the run, and what from the user."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from yolo_fer.paths import resolved
from yolo_fer.train.detector.options import TrainOptions
from yolo_fer.train.detector.run import RunNote
from yolo_fer.train.detector.training import train
from yolo_fer.weights.store import resolve

pytest.importorskip("ultralytics")


@pytest.mark.parametrize("settings", [{}, {"amp": False}])
def test_a_run_goes_on_where_it_is_told_and_as_precisely_as_is_usual_there(
    drawn_set: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, bool],
) -> None:
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer

    from yolo_fer.train.device import best_precision

    weights = tmp_path / "train" / "weights"
    weights.mkdir(parents=True)
    RunNote(None, str(resolved(drawn_set))).write(tmp_path / "train")
    checkpoint = torch.load(resolve("yolo-fer-n.pt"), weights_only=False)
    elsewhere = {
        "device": "63",
        "amp": "fp16",
        "imgsz": 64,
        "save_dir": str(weights.parent),
        "data": str(drawn_set),
    }
    checkpoint |= {"epoch": 0, "train_args": {"task": "detect", "mode": "train", **elsewhere}}
    torch.save(checkpoint, weights / "last.pt")

    monkeypatch.setattr(DetectionTrainer, "train", lambda _: None)
    given = {"project": str(tmp_path), **settings}
    going_on = TrainOptions(resume=True, device="cpu", settings=given)
    assert train(drawn_set, going_on) == weights.parent
    arguments = yaml.safe_load((weights.parent / "args.yaml").read_text())
    assert arguments["device"] == "cpu"
    assert arguments["amp"] == settings.get("amp", best_precision("cpu"))
    assert arguments["imgsz"] == 64
