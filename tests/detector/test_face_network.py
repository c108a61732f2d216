"""What a network gives is looked at before it is believed: its layout, its numbers, its faces."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.graphs import end_to_end_output, raw_output, write_constant
from tests.helpers.refused import ELSEWHERE, FACE, RAW, refused, rt_detr_output
from yolo_fer import Detector
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning

BLANK = np.zeros((320, 320, 3), np.uint8)


@pytest.mark.parametrize("classes", [7, 2, 1, 296])
def test_rt_detr_is_told_apart_where_the_file_says_nothing(tmp_path: Path, classes: int) -> None:
    names = ["anger", "happiness", *map(str, range(classes))][:classes]
    # With two classes its shape is that of a graph with suppression inside.
    path = write_constant(tmp_path / "x.onnx", rt_detr_output(classes), names=names)
    assert "RT-DETR" in refused(path)


def test_rt_detr_of_two_classes_that_happens_to_give_whole_numbers(tmp_path: Path) -> None:
    output = np.zeros((1, 300, 6))
    said = {"end2end": "False", "args": "{'nms': False}"}
    path = write_constant(tmp_path / "x.onnx", output, names=["anger", "happiness"], metadata=said)
    assert "(1, 300, 6)" in refused(path)


def test_the_file_says_which_of_the_two_yolo_layouts_it_has(tmp_path: Path) -> None:
    six = raw_output((FACE, {1: 0.9}), *[(ELSEWHERE, {0: 0.01})] * 5, classes=2)  # (1, 6, 6)
    names = ["anger", "happiness"]
    raw = write_constant(tmp_path / "r.onnx", six, names=names, metadata={"end2end": "False"})
    assert Detector(raw)(BLANK).faces[0].score == pytest.approx(0.9, abs=1e-3)
    suppressed = end_to_end_output((*FACE, 0.9, 3))
    for said in ({"end2end": "True"}, {"end2end": "False", "args": "{'nms': True}"}):
        path = write_constant(tmp_path / "e.onnx", suppressed, metadata=said)
        with pytest.warns(YoloFerWarning, match="only the best class"):
            assert len(Detector(path)(BLANK).faces) == 1


@pytest.mark.parametrize("rows", [slice(None), slice(0, 4), slice(4, None)])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_network_that_gives_no_numbers(tmp_path: Path, rows: slice, value: float) -> None:
    output = RAW.copy()
    output[0, rows] = value
    assert "diverged" in refused(write_constant(tmp_path / "nan.onnx", output))


def test_a_network_that_gives_no_numbers_at_some_places_is_said(tmp_path: Path) -> None:
    output = raw_output((FACE, {3: 0.9}), (ELSEWHERE, {3: 0.9}))
    output[0, 4:, 1] = np.nan
    detector = Detector(write_constant(tmp_path / "some.onnx", output))
    with pytest.warns(YoloFerWarning, match="no numbers"):
        assert len(detector(BLANK).faces) == 1
    with warnings.catch_warnings():  # once is enough
        warnings.simplefilter("error")
        detector(BLANK)


@pytest.mark.parametrize("score", [1e38, 40.0, -3.0])
def test_scores_that_are_none(tmp_path: Path, score: float) -> None:
    path = write_constant(tmp_path / "logits.onnx", raw_output((FACE, {3: score})))
    assert "0 to 1" in refused(path)


def test_more_faces_than_the_limit_are_said(tmp_path: Path) -> None:
    path = write_constant(
        tmp_path / "two.onnx", raw_output((FACE, {3: 0.9}), (ELSEWHERE, {4: 0.8}))
    )
    with pytest.warns(YoloFerWarning, match="more than 1 faces"):
        (face,) = Detector(path, max_faces=1)(BLANK).faces
    assert face.score == pytest.approx(0.9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(Detector(path, max_faces=2)(BLANK).faces) == 2
        assert len(Detector(path, max_faces=1, conf=0.85)(BLANK).faces) == 1


def test_a_limit_of_no_faces_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        Detector(write_constant(tmp_path / "x.onnx", RAW), max_faces=0)


@pytest.mark.parametrize("shape", [(), (0,), (1, 11), (1, 0, 0), (1, 11, 0, 1)])
def test_an_output_of_another_shape(tmp_path: Path, shape: tuple[int, ...]) -> None:
    assert str(shape) in refused(write_constant(tmp_path / "x.onnx", np.zeros(shape)))


def test_rt_detr_in_a_checkpoint_is_neither_run_nor_exported(yolo11: Path, tmp_path: Path) -> None:
    import torch
    from ultralytics.nn.modules.head import RTDETRDecoder

    from yolo_fer.detector.torch_network import load_checkpoint
    from yolo_fer.export.network_export import export

    checkpoint = load_checkpoint(yolo11)
    head = RTDETRDecoder(nc=7, ch=(64, 128, 256), hd=32, nq=10, ndl=1, d_ffn=32)
    checkpoint["model"].model[-1] = head
    checkpoint["model"].__dict__.pop("task", None)  # as where one is saved at the end of a training
    path = tmp_path / "rtdetr.pt"
    torch.save(checkpoint, path)
    assert "RT-DETR" in refused(path)
    with pytest.raises(YoloFerError, match="RT-DETR"):
        export(str(path))
    assert [file.name for file in tmp_path.iterdir()] == ["rtdetr.pt"]
