from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import numpy as np

from yolo_fer.app.uploaded_images import predict_uploaded_images
from yolo_fer.detector import Detector
from yolo_fer.images import encode_jpeg, read

NOISE = np.random.default_rng(0).integers(0, 255, (320, 320, 3)).astype(np.uint8)


def _write(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path


def test_good_and_bad_images_together(detector: Detector, tmp_path: Path) -> None:
    good = encode_jpeg(NOISE)
    paths = [
        _write(tmp_path / "a", "x.jpg", good),
        _write(tmp_path / "b", "x.jpg", good),  # visitors' files may share a name
        _write(tmp_path / "c", "broken.jpg", b"no image"),
        _write(tmp_path / "d", "cut.jpg", good[:900]),
    ]
    out = tmp_path / "out"
    out.mkdir()
    result = predict_uploaded_images(paths, detector, out, blur=False)
    assert [len(p.faces) for p in result.predictions] == [1, 1, 0, 0]
    assert [picture is not None for picture in result.pictures] == [True, True, False, False]
    lines = [json.loads(line) for line in result.json.read_text().splitlines()]
    assert [line["source"] for line in lines] == ["x.jpg", "x.jpg", "broken.jpg", "cut.jpg"]
    assert str(tmp_path) not in result.json.read_text() + result.csv.read_text()
    assert len(list(csv.DictReader(result.csv.open()))) == 4
    assert result.annotated is not None
    assert len(zipfile.ZipFile(result.annotated).namelist()) >= 2


def test_hidden_faces_are_unrecognisable_and_the_rest_stays(
    detector: Detector, tmp_path: Path
) -> None:
    path = _write(tmp_path, "x.jpg", encode_jpeg(NOISE))
    inside = np.s_[125:165, 100:140]
    contrast = {}
    for blur in (False, True):
        out = tmp_path / str(blur)
        out.mkdir()
        (picture,) = predict_uploaded_images([path], detector, out, blur=blur).pictures
        assert picture is not None
        contrast[blur] = read(picture)[inside].std(), read(picture)[250:, 250:].std()
    assert contrast[True][0] < contrast[False][0] / 3
    assert contrast[True][1] == contrast[False][1]


def test_one_image_is_downloaded_as_it_is(detector: Detector, tmp_path: Path) -> None:
    path = _write(tmp_path, "x.png", encode_jpeg(NOISE))
    out = tmp_path / "out"
    out.mkdir()
    result = predict_uploaded_images([path], detector, out, blur=False)
    assert result.annotated == result.pictures[0]
