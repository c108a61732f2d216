from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.mtcnn_files import real_cascade
from tests.helpers.pictures import ZIDANE_FACES, photograph
from yolo_fer.boxes import iou
from yolo_fer.errors import YoloFerError
from yolo_fer.faces import load_finder
from yolo_fer.faces.mtcnn.mtcnn_finder import Mtcnn, cascade_file, convert

pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def finder() -> Mtcnn:
    real_cascade()
    return Mtcnn(threads=1)


def test_it_finds_the_faces_of_a_photograph_where_they_are(finder: Mtcnn) -> None:
    (found,) = finder.find([photograph("zidane.jpg")])

    overlaps = iou(found.boxes, np.array(ZIDANE_FACES, dtype=float))
    assert len(found.boxes) == 2
    assert overlaps.max(axis=0).min() > 0.7
    assert (found.scores > 0.9).all()
    assert (np.diff(found.scores) <= 0).all()


def test_a_large_image_gives_boxes_in_its_own_pixels(finder: Mtcnn) -> None:
    picture = photograph("zidane.jpg")
    large = np.repeat(np.repeat(picture, 3, axis=0), 3, axis=1)

    (found,) = finder.find([large])

    assert iou(found.boxes / 3, np.array(ZIDANE_FACES, dtype=float)).max(axis=0).min() > 0.7


def test_pictures_of_different_sizes_come_back_in_their_order(finder: Mtcnn) -> None:
    men, blank = photograph("zidane.jpg")[:, 400:], np.full((50, 70, 3), 128, np.uint8)

    found = finder.find([blank, men, blank])

    assert [len(faces.boxes) for faces in found] == [0, 2, 0]


def test_a_higher_threshold_keeps_the_better_faces_only(finder: Mtcnn) -> None:
    bus = photograph("bus.jpg")
    (many,) = Mtcnn(threads=1, threshold=0.3).find([bus])
    (few,) = Mtcnn(threads=1, threshold=0.95).find([bus])

    assert len(many.boxes) > len(few.boxes)
    assert (few.scores > 0.95).all()


def test_without_weights_the_message_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path))
    monkeypatch.setattr("yolo_fer.faces.mtcnn.mtcnn_finder.shipped_entries", lambda: ())

    with pytest.raises(YoloFerError, match="yolo-fer weights get mtcnn-pnet"):
        load_finder("mtcnn")


def test_a_file_of_another_network_is_not_converted(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from yolo_fer.faces.mtcnn.networks import RNet

    torch.save(RNet().state_dict(), tmp_path / "r.pt")
    (tmp_path / "damaged.pt").write_bytes(b"no network")

    for part in ("r.pt", "damaged.pt"):
        with pytest.raises(YoloFerError, match="PNet"):
            convert([tmp_path / part] * 3, tmp_path / "cascade.onnx")
    assert not (tmp_path / "cascade.onnx").exists()


def test_weights_are_converted_once(finder: Mtcnn, monkeypatch: pytest.MonkeyPatch) -> None:
    path = cascade_file()
    monkeypatch.setattr("yolo_fer.faces.mtcnn.mtcnn_finder.convert", None)

    assert cascade_file() == path
