"""OpenVINO folders that are damaged or of another kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.refused import assert_refused
from yolo_fer import Detector
from yolo_fer.errors import YoloFerError


def test_an_openvino_folder_without_its_parts(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    folder = tmp_path / "x_openvino_model"
    folder.mkdir()
    assert_refused(folder, ".xml")
    (folder / "x.xml").write_text("<net/>")
    with pytest.raises(YoloFerError, match=r"metadata\.yaml"):
        Detector(folder)
    (folder / "metadata.yaml").write_text("task: detect\nnames: {0: anger}\n")
    with pytest.raises(YoloFerError, match=r"x\.xml"):
        Detector(folder)


def test_metadata_that_stands_for_more_than_any_memory_holds_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    folder = tmp_path / "x_openvino_model"
    folder.mkdir()
    (folder / "x.xml").write_text("<net/>")
    lists = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lists += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (folder / "metadata.yaml").write_text("\n".join(lists) + "\n")
    assert_refused(folder, "write it out")
