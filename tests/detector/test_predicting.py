"""Several images: in order, each with its faces or its error, and the time that it took."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.coloured import PIXELS, PNG
from yolo_fer import Detector
from yolo_fer.errors import YoloFerError, YoloFerWarning


def test_a_folder_a_pattern_and_a_list_give_lists(detector: Detector, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    for name in ("b.png", "a.png", "deep/c.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PNG)
    names = [str(folder / name) for name in ("a.png", "b.png", "deep/c.png")]
    for given in (folder, str(folder), f"{folder}/**/*.png", names, tuple(names)):
        found = detector(given)
        assert isinstance(found, list)
        assert [one.source for one in found] == names
        assert found == detector.predict(given)
        assert all(one.image is None and len(one) == 1 for one in found)
    assert [one.source for one in detector.predict(iter([folder, PNG]))] == [*names, ""]
    assert detector.predict(names[0]) == [detector(names[0])]


def test_what_a_folder_holds_beside_images_is_said(detector: Detector, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.png").write_bytes(PNG)
    (folder / "notes.txt").write_text("no image")
    (folder / "clip.y4m").write_bytes(b"YUV4MPEG2 W64 H48 F25:1 Ip A1:1\n")
    with pytest.warns(YoloFerWarning) as said:
        assert len(detector.predict(folder)) == 1
    assert any("notes.txt" in str(warning.message) for warning in said)
    (tmp_path / "empty").mkdir()
    with pytest.raises(YoloFerError, match="no image"):
        detector(tmp_path / "empty")
    with pytest.raises(YoloFerError, match="no image"):
        detector(f"{folder}/*.jpg")


def test_one_bad_image_of_many_has_an_error_and_the_others_their_faces(
    detector: Detector, path: Path, tmp_path: Path
) -> None:
    given = [PNG, tmp_path / "missing.png", PNG[:-20], path]
    with pytest.warns(YoloFerWarning, match=r"2 of 4 images could not be read.*missing\.png"):
        found = detector.predict(given)
    assert [len(one) for one in found] == [1, 0, 0, 1]
    assert found[1].source == str(tmp_path / "missing.png")
    assert "does not exist" in str(found[1].error)
    assert "cut short" in str(found[2].error)
    with pytest.warns(YoloFerWarning, match=r"number 0 \(from 0\)"):
        detector([b""])


def test_the_time_of_each_step_is_told(detector: Detector, path: Path) -> None:
    speed = detector(path).speed
    assert speed["decode"] > 0
    assert speed["network"] > 0
    assert speed["rest"] > 0
    assert detector(PIXELS).speed["decode"] == 0
    assert all(one.speed["network"] > 0 for one in detector.predict([PNG, path]))
