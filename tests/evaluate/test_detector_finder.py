"""A detector among the face finders of the IoU table."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
from tests.helpers.bright_finder import draw
from tests.helpers.graphs import raw_output, write_constant
from yolo_fer.boxes import iou, retinaface_to_expw
from yolo_fer.cli.faces import faces
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerWarning
from yolo_fer.evaluate.detector_finder import DetectorFinder
from yolo_fer.images import encode_jpeg
from yolo_fer.weights.hashes import sha256_of

FACE = np.array([[100.0, 90, 176, 190]])  # as wide as RetinaFace's are: 0.76 of the height
SQUARE = tuple(retinaface_to_expw(FACE)[0].tolist())
IMAGE = draw(320, 320, FACE)


def write_detector(path: Path, convention: str | None, score: float = 0.4) -> Path:
    """A detector that finds ExpW's square around `FACE` in any image of 320 pixels."""
    box = SQUARE if convention == "expw" else tuple(FACE[0].tolist())
    own = {"face_conf": 0.3} | ({} if convention is None else {"box_convention": convention})
    output = raw_output((box, {Emotion.FEAR: score}))
    return write_constant(path, output, metadata={"yolo_fer": json.dumps(own)})


@pytest.mark.parametrize("convention", ["expw", "retinaface"])
def test_boxes_of_either_convention_come_back_as_those_of_wider_face(
    tmp_path: Path, convention: str
) -> None:
    path = write_detector(tmp_path / "own.onnx", convention)
    finder = DetectorFinder(str(path), threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error", YoloFerWarning)
        (found,) = finder.find([IMAGE])
    assert iou(found.boxes, FACE).item() > 0.98
    assert found.scores == pytest.approx([0.4])
    assert (finder.weights_sha256, finder.name) == (sha256_of(path), str(path))


def test_weights_that_do_not_say_whose_boxes_they_learned_are_told_of(tmp_path: Path) -> None:
    path = write_detector(tmp_path / "foreign.onnx", None)
    with pytest.warns(YoloFerWarning, match="does not say whose boxes it has learned"):
        finder = DetectorFinder(str(path), threads=1)
    assert iou(finder.find([IMAGE])[0].boxes, FACE).item() > 0.98


@pytest.mark.parametrize(("threshold", "count"), [(None, 1), (0.39, 1), (0.41, 0)])
def test_the_least_score_is_the_advised_one_unless_somebody_says_another(
    tmp_path: Path, threshold: float | None, count: int
) -> None:
    path = write_detector(tmp_path / "own.onnx", "expw")
    (found,) = DetectorFinder(str(path), threads=1, threshold=threshold).find([IMAGE])
    assert len(found.boxes) == count


def test_it_stands_in_the_table_beside_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_detector(tmp_path / "own.onnx", "expw")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(encode_jpeg(IMAGE))
    (tmp_path / "label.txt").write_text("# a.jpg\n100 90 76 100\n")
    out = tmp_path / "table.json"
    faces(tmp_path, finder=[str(path), "haar"], device="cpu", threads=1, json_file=out)
    rows = {(row["finder"], row["images"]): row for row in json.loads(out.read_text())["rows"]}
    assert rows[str(path), "all"]["share"] == {"0.5": 1, "0.75": 1, "0.85": 1}
    assert rows["haar", "all"]["faces"] == 1


def test_a_word_that_is_neither_a_finder_nor_weights_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Known are retinaface, .*; a detector is named by its"):
        faces(tmp_path, finder=["eyes"])
