"""Where a training starts from, if nobody says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import UsageError, YoloFerWarning
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.train.detector.options import TrainOptions
from yolo_fer.train.detector.starting_weights import network_and_start
from yolo_fer.train.detector.training import train
from yolo_fer.weights.store import resolve

pytest.importorskip("ultralytics")

SMALL = {"imgsz": 64, "batch": 4, "epochs": 1, "plots": False, "mosaic": 0.0}


def test_a_network_whose_weights_are_not_here_starts_from_what_is(
    drawn_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ultralytics.nn.tasks import torch_safe_load

    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path / "empty"))
    settings = SMALL | {"project": str(tmp_path), "lr0": 0.0, "warmup_epochs": 0.0}
    with pytest.warns(
        YoloFerWarning, match=r"no weights of yolo11n are here, so .* yolo-fer-n\.pt"
    ):
        last = train(drawn_set, TrainOptions(model="yolo11n", device="cpu", settings=settings))
    trained, shipped = (
        torch_safe_load(str(path), safe_only=True)[0]["model"].model[0].conv.weight.float()
        for path in (last / "weights" / "last.pt", resolve("yolo-fer-n.pt"))
    )
    assert (trained - shipped).abs().max() < 1e-3


def test_a_network_that_nothing_here_fits_starts_from_random_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_ultralytics("the test")
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path / "empty"))
    with pytest.warns(YoloFerWarning, match="from random ones, since yolo-fer-n.pt does not fit"):
        chosen = network_and_start("yolov3-tiny", None, trust=False)
    assert chosen == {"model": "yolov3-tiny.yaml", "pretrained": False}


def test_weights_that_are_trained_on_take_no_other_start() -> None:
    with pytest.raises(UsageError, match=r"`model=yolo-fer-n\.pt` is trained on from its own"):
        network_and_start("yolo-fer-n.pt", "yolo11n.pt", trust=False)
