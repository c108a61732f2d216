"""Untrained networks of the Ultralytics families, which fire on many places of a photograph."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from tests.helpers.graphs import EMOTIONS
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.train.detector.starting_weights import OWN_NETWORK

pytest.importorskip("ultralytics")
IMGSZ = 160


def photograph(name: str) -> np.ndarray:
    from ultralytics.utils import ASSETS

    image = cv2.imread(str(ASSETS / name))
    assert image is not None
    return image


def write_checkpoint(path: Path, family: str) -> Path:
    """A checkpoint of e.g. `yolo11n` with random weights and our seven classes."""
    import torch

    ultralytics = import_ultralytics("testing")
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(0)
    yolo = ultralytics.YOLO(f"{family}.yaml")
    yolo.model = DetectionModel(f"{family}.yaml", nc=7, verbose=False)
    yolo.model.names = dict(enumerate(EMOTIONS))
    yolo.model.args = {"imgsz": IMGSZ}
    _let_it_see(yolo.model)
    yolo.save(path)
    return path


def write_description(path: Path, activation: str = "torch.nn.SiLU()") -> str:
    """Write the description of a network like yolo-fer-n, and return the family of its checkpoints.

    Its heads have another order, of strides 16, 32 and 8.
    """
    network = yaml.safe_load(OWN_NETWORK.read_text(encoding="utf-8"))
    network["activation"] = activation
    network["head"][-1][0] = [13, 10, 17]
    path.write_text(yaml.safe_dump(network), encoding="utf-8")
    return str(path.with_suffix(""))


def _let_it_see(model: Any) -> None:
    """Set the statistics to those of a photograph, else a random network sees nothing."""
    import torch

    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
    small = cv2.resize(photograph("bus.jpg"), (IMGSZ, IMGSZ))[:, :, ::-1].copy()
    model.train()
    with torch.no_grad():
        model(torch.from_numpy(small).permute(2, 0, 1)[None].repeat(2, 1, 1, 1) / 255)
    model.eval()
    for norm in norms:
        norm.momentum = 0.03
    _make_answers_plausible(model, torch.from_numpy(small).permute(2, 0, 1)[None] / 255)


def _make_answers_plausible(model: Any, image: Any) -> None:
    """Give the scores a spread, and the boxes a side of a few strides."""
    import torch

    head = model.model[-1]
    scores = [layers[-1] for name in ("cv3", "one2one_cv3") for layers in getattr(head, name, ())]
    sides = [layers[-1] for name in ("cv2", "one2one_cv2") for layers in getattr(head, name, ())]
    for layer in sides:
        torch.nn.init.normal_(layer.weight, std=0.002)
        bins = torch.arange(layer.bias.numel() // 4).repeat(4)
        layer.bias.data = 1.0 - 0.7 * bins
    outputs: dict[Any, Any] = {}
    hooks = [
        layer.register_forward_hook(lambda layer, _, output: outputs.update({layer: output}))
        for layer in scores
    ]
    with torch.no_grad():
        model(image)
        for layer, output in outputs.items():
            layer.weight /= 20 * output.std()
            layer.bias.fill_(-2.0)
    for hook in hooks:
        hook.remove()


def export(checkpoint: Path, target: Path, **options: Any) -> Path:
    """What `yolo export` makes of a checkpoint."""
    ultralytics = import_ultralytics("testing")
    written = ultralytics.YOLO(checkpoint).export(imgsz=IMGSZ, verbose=False, **options)
    shutil.move(written, target)
    return target
