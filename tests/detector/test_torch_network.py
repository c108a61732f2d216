"""A network of a checkpoint is looked at before it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer import Detector
from yolo_fer.detector.torch_network import load_checkpoint
from yolo_fer.errors import UsageError, YoloFerError

pytest.importorskip("ultralytics")


def test_few_layers_that_would_be_run_without_end(yolo11: Path, tmp_path: Path) -> None:
    import torch
    from torch import nn

    checkpoint = load_checkpoint(yolo11)
    layers = checkpoint["model"].model
    first = nested = layers[0]
    for _ in range(40):
        nested = nn.Sequential(nested, nested)
    nested.i, nested.f, nested.type = first.i, first.f, first.type
    layers[0] = nested
    torch.save(checkpoint, tmp_path / "endless.pt")
    with pytest.raises(YoloFerError, match=r"endless\.pt.*run more than"):
        Detector(tmp_path / "endless.pt")


def test_a_graphics_card_that_is_not_there_is_wrong_usage(
    yolo11: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UsageError, match="device 'cuda:7': PyTorch finds 2"):
        Detector(yolo11, device=7)
