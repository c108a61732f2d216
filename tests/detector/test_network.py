"""What a weights file says about itself, and that it is a YOLO detector."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.refused import RAW, assert_refused, refused, rt_detr_output


@pytest.mark.parametrize(
    "said", [{"head": "RTDETRDecoder"}, {"description": "Ultralytics rtdetr-l model"}]
)
def test_an_onnx_file_that_says_it_is_rt_detr(tmp_path: Path, said: dict[str, str]) -> None:
    path = write_constant(tmp_path / "x.onnx", rt_detr_output(7), metadata=said)
    assert "RT-DETR" in refused(path)


@pytest.mark.parametrize("head", ["Segment", "OBB", "Classify", "SomethingNew"])
def test_any_other_head_is_named(tmp_path: Path, head: str) -> None:
    path = write_constant(tmp_path / "x.onnx", RAW, metadata={"head": head})
    assert head in refused(path)


@pytest.mark.parametrize(
    "damaged",
    [
        {"imgsz": "[1e999, 1e999]"},
        {"imgsz": "[100000000, 100000000]"},
        {"imgsz": "[0, 320]"},
        {"imgsz": "-1"},
        {"stride": "0"},
        {"stride": "100000000"},
        {"names": "{-1: 'anger'}"},
        {"names": "{0: ['anger']}"},
        {"names": "{1e999: 'anger'}"},
        {"names": "5"},
        {"names": "['anger'" + "]" * 5},
        {"names": "[" * 10_000},
        {"args": "{'nms'"},
        {"end2end": "perhaps"},
        {"yolo_fer": "7" * 5000},
        {"yolo_fer": "[" * 100_000},
    ],
)
def test_metadata_that_no_program_writes_are_refused(
    tmp_path: Path, damaged: dict[str, str]
) -> None:
    path = write_constant(tmp_path / "d.onnx", RAW, metadata=damaged)
    assert len(refused(path)) < 2000


def test_metadata_that_are_no_text(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "x.onnx", RAW, metadata={"author": "QQQQ"})
    path.write_bytes(path.read_bytes().replace(b"QQQQ", b"\xff\xfe\xfd\xfc"))
    refused(path)


def test_an_onnx_file_for_another_task(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "seg.onnx", RAW, metadata={"task": "segment"})
    assert_refused(path, "segment")


def test_an_onnx_file_without_class_names(tmp_path: Path) -> None:
    assert_refused(write_constant(tmp_path / "bare.onnx", RAW, names=None), "class names")


@pytest.mark.parametrize(
    "damaged",
    [
        {"names": "__import__('os').system('false')"},
        {"names": "{0: 'anger'"},
        {"imgsz": "[320"},
        {"yolo_fer": "{'conf': 0.3}"},
        {"yolo_fer": '{"face_conf": 7}'},
        {"yolo_fer": "[]"},
    ],
)
def test_damaged_metadata(tmp_path: Path, damaged: dict[str, str]) -> None:
    assert_refused(write_constant(tmp_path / "d.onnx", RAW, metadata=damaged), "metadata")


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        ({0: "anger", 2: "fear"}, "numbered from 0"),
        ({1: "anger", 2: "fear"}, "numbered from 0"),
    ],
)
def test_classes_that_are_not_numbered_from_0_on_are_refused(
    tmp_path: Path, names: dict[int, str], hint: str
) -> None:
    path = tmp_path / "x.onnx"
    write_constant(path, raw_output(classes=2), metadata={"names": repr(names)}, names=None)
    assert_refused(path, hint)
