"""`yolo-fer view`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.command import yolo_fer
from tests.helpers.converted import TRAIN, convert_faces
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.inspect.set_view import view_set


def test_the_folders_are_numbered_and_wrong_usage_is_named(tmp_path: Path) -> None:
    folder = convert_faces(tmp_path / "set", range(3), TRAIN)
    done = yolo_fer("view", folder, "--split", "train", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "pictures in runs/view\n" in done.stderr
    assert (tmp_path / "runs" / "view" / "plots.png").is_file()
    with pytest.raises(UsageError, match="choose one of train, val, test"):
        view_set(folder, tmp_path, split="valid")
    with pytest.raises(YoloFerError, match="no labelled face in test"):
        view_set(folder, tmp_path, split="test")
    with pytest.raises(YoloFerError, match="not a converted set"):
        view_set(tmp_path / "runs", tmp_path)
