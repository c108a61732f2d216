from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.yunet_file import bright_cells
from yolo_fer.errors import YoloFerError
from yolo_fer.faces import load_finder
from yolo_fer.faces.yunet import YuNet


def test_boxes_are_in_pixels_of_the_image_also_where_that_is_scaled_down(tmp_path: Path) -> None:
    finder = YuNet(threads=1, network=bright_cells(tmp_path / "network.onnx"))
    small = np.zeros((320, 320, 3), np.uint8)
    small[80:88, 160:168] = 255
    large = np.repeat(np.repeat(small, 4, axis=0), 4, axis=1)

    in_small, in_large = finder.find([small, large])

    assert len(in_small.boxes) == 1
    assert in_small.scores[0] == pytest.approx(1, abs=0.01)
    assert np.abs(in_small.boxes[0] - [156, 76, 164, 84]).max() <= 8
    assert np.abs(in_large.boxes - in_small.boxes[0] * 4).max() <= 32


def test_no_face_gives_no_boxes(tmp_path: Path) -> None:
    finder = YuNet(threads=1, network=bright_cells(tmp_path / "network.onnx"))

    (found,) = finder.find([np.zeros((70, 90, 3), np.uint8)])

    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == (0,)


def test_without_the_network_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path))

    with pytest.raises(YoloFerError, match="yolo-fer weights get yunet"):
        load_finder("yunet")


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "yunet.onnx").write_bytes(b"nothing of the kind")

    with pytest.raises(YoloFerError, match="cannot be opened as YuNet"):
        YuNet(network=tmp_path / "yunet.onnx")
