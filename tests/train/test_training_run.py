from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.train.training_run import find_unfinished


def begun(folder: Path, age: int, **arguments: int) -> Path:
    folder.mkdir()
    (folder / "args.json").write_text(json.dumps(arguments))
    os.utime(folder, (1000 - age, 1000 - age))
    return folder


def test_the_newest_unfinished_run_of_the_same_arguments_is_gone_on_with(tmp_path: Path) -> None:
    begun(tmp_path / "train", 30, epochs=1)
    wanted = begun(tmp_path / "train2", 20, epochs=1)
    begun(tmp_path / "train3", 10, epochs=2)
    finished = begun(tmp_path / "train4", 0, epochs=1)
    (finished / "metrics.json").touch()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "args.json").write_text("{")
    assert find_unfinished({"epochs": 1}, None, tmp_path) == wanted


def test_only_the_folder_that_is_named_is_looked_at(tmp_path: Path) -> None:
    begun(tmp_path / "train", 0, epochs=1)
    other = begun(tmp_path / "train2", 0, epochs=2)
    with pytest.raises(YoloFerError, match="train2 holds no unfinished training with these arg"):
        find_unfinished({"epochs": 1}, other, tmp_path)
