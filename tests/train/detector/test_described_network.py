"""A small file cannot make a training build a huge network, or fetch something."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.train.detector.options import TrainOptions
from yolo_fer.train.detector.training import train
from yolo_fer.weights.store import resolve

pytest.importorskip("ultralytics")
torch = pytest.importorskip("torch")

import_ultralytics("testing")
from ultralytics.nn.tasks import yaml_model_load  # noqa: E402

from yolo_fer.detector.torch_network import load_checkpoint  # noqa: E402
from yolo_fer.train.detector.described_network import check_description  # noqa: E402

MEGABYTES = 1024  # of ru_maxrss, which counts in KiB


def changed(**changes: Any) -> dict[str, Any]:
    """YOLO11n with a layer or an entry of its own."""
    description: dict[str, Any] = yaml_model_load("yolo11n.yaml")
    for key, value in changes.items():
        if key == "layer":
            description["backbone"][1] = value
        else:
            description[key] = value
    return description


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"layer": [-1, 1, "Conv", [10**7, 3, 2]], "scales": {"n": [1, 1, 10**9]}}, "a tensor of"),
        ({"scales": {"n": [1, 100, 10**9]}}, "a tensor of|parameters"),
        ({"scales": {"n": [1, 4, 1024]}}, "parameters, more than 200,000,000"),
        ({"scales": {"n": [10**9, 1, 1024]}}, "repeats a layer"),
        ({"layer": [-1, 10**9, "nn.Identity", []]}, "repeats a layer"),
        ({"layer": [-1, 1, "nn.Upsample", [None, 1000, "nearest"]]}, "a tensor of"),
        ({"layer": [-1, 1, "nn.ZeroPad2d", [10**6]]}, "a tensor of"),
        ({"backbone": [[-1, 100, "Conv", [8, 1, 1]]] * 200}, "too many layers"),
        ({"reg_max": 10**9}, "a tensor of"),
        ({"layer": [-1, 1, "TorchVision", [64, "resnet18", "DEFAULT"]]}, "a layer TorchVision"),
        ({"layer": [-1, 1, "torch_safe_load", ["http://127.0.0.1:9/x.pt"]]}, "a layer"),
        ({"layer": [-1, 1, "torchvision.ops.DeformConv2d", [8, 8, 3]]}, "a layer"),
        ({"activation": "__import__('os').getpid()"}, "cannot be made"),
        ({"backbone": None}, "cannot be made"),
        ({"head": [[[-1], 1, "Detect", ["nc"]]] * 2000}, "cannot be made"),
    ],
)
def test_what_is_not_made(changes: dict[str, Any], why: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(YoloFerError, match=why) as error:
        check_description("small.pt", changed(**changes), 7)
    assert str(error.value).startswith("small.pt: ")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * MEGABYTES


@pytest.mark.parametrize("name", ["yolo11x", "yolo12n", "yolo26n", "yolov8n", "yolov5n", "yolov9c"])
def test_networks_of_ultralytics_are_made(name: str) -> None:
    check_description(name, yaml_model_load(f"{name}.yaml"), 7)


def test_a_training_does_not_build_what_a_checkpoint_describes_too_large(
    drawn_set: Path, tmp_path: Path
) -> None:
    checkpoint = load_checkpoint(resolve("yolo-fer-n.pt"))
    checkpoint["model"].yaml["backbone"][1] = [-1, 1, "Conv", [100_000, 5, 2]]
    checkpoint["model"].yaml["scales"] = {"n": [1, 1, 10**9]}
    torch.save(checkpoint, tmp_path / "hostile.pt")
    settings = {"imgsz": 64, "batch": 4, "epochs": 1, "project": str(tmp_path / "runs")}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(YoloFerError, match=r"hostile\.pt: the network that this file describes"):
        train(
            drawn_set,
            TrainOptions(model=str(tmp_path / "hostile.pt"), device="cpu", settings=settings),
        )
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700 * MEGABYTES
