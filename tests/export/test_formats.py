from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
import yaml

from tests.helpers.networks import write_checkpoint
from yolo_fer.detector import Detector
from yolo_fer.detector.network import OWN_KEY
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.export.formats import Precision, find_format, known_formats
from yolo_fer.export.network_export import ExportOptions, export
from yolo_fer.runtime.ultralytics_packages import MissingPackagesError

pytest.importorskip("ultralytics")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("formats") / "net.pt", "yolo11n")


def test_an_unknown_format_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"openvino.*Did you mean onnx\?"):
        find_format("onxx")


def test_the_old_names_of_formats_are_understood() -> None:
    assert find_format("tflite").name == "litert"
    assert find_format(" ONNX ").name == "onnx"


def test_formats_that_would_lose_six_of_the_seven_scores_are_not_offered() -> None:
    assert not {"imx", "axelera", "-"} & known_formats().keys()


@pytest.mark.parametrize(
    ("precision", "name"),
    [
        (Precision.FP32, "best.onnx"),
        (Precision.FP16, "best_fp16.onnx"),
        (Precision.INT8, "best_int8.onnx"),
    ],
)
def test_precisions_do_not_overwrite_one_another(precision: Precision, name: str) -> None:
    assert find_format("onnx").file_name("best", precision) == name


def test_which_formats_are_folders() -> None:
    formats = known_formats()
    files = {name for name, format in formats.items() if not format.is_folder}
    assert {"onnx", "torchscript", "engine", "pb", "edgetpu", "litert", "mnn"} <= files
    assert {"openvino", "coreml", "saved_model", "paddle", "ncnn"} <= formats.keys() - files


@pytest.mark.parametrize(
    ("format", "package"),
    [("ncnn", "ncnn"), ("litert", "litert_torch"), ("coreml", "coremltools")],
)
def test_a_missing_package_is_named_with_the_command_and_not_installed(
    checkpoint: Path, format: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec(package):
        pytest.skip(f"{package} is installed")
    before = set(sys.modules)
    with pytest.raises(MissingPackagesError, match=f"(?i)pip install .*{package.split('_')[0]}"):
        export(str(checkpoint), options=ExportOptions(format=format))
    assert not importlib.util.find_spec(package)
    assert package not in set(sys.modules) - before
    assert not list(checkpoint.parent.glob(f"*{find_format(format).suffix}"))


def test_a_format_for_gpus_says_so(checkpoint: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(YoloFerError, match="NVIDIA"):
        export(str(checkpoint), options=ExportOptions(format="engine"))


def test_a_precision_that_a_format_does_not_know_is_wrong_usage(checkpoint: Path) -> None:
    with pytest.raises(UsageError, match="`int8` with `data`"):
        export(str(checkpoint), options=ExportOptions(format="hailo"))
    with pytest.raises(UsageError, match="fp16"):
        export(str(checkpoint), options=ExportOptions(format="paddle", precision=Precision.FP16))


@pytest.mark.slow
def test_torchscript_carries_names_and_rules_and_is_read_back(checkpoint: Path) -> None:
    target = export(str(checkpoint), options=ExportOptions(format="torchscript", conf=0.2))
    detector = Detector(target, trust_weights=True)
    assert detector.conf == 0.2
    assert detector.imgsz == 160
    beside = yaml.safe_load(target.with_name(f"{target.name}.yaml").read_text(encoding="utf-8"))
    assert beside["names"][0] == "anger"
    assert "no suppression in the graph" in json.loads(beside[OWN_KEY])["output"]
