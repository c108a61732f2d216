"""`yolo-fer demo`: what it says, and the picture that it ends with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.command import yolo_fer
from yolo_fer import images


@pytest.mark.slow
def test_a_person_can_read_what_it_says_and_sees_one_picture_first(tmp_path: Path) -> None:
    pytest.importorskip("ultralytics")
    pytest.importorskip("pycocotools")
    done = yolo_fer("demo", "--images", "60", "--epochs", "2", "--out", "here", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert len(said) < 6000
    assert "GFLOPs" not in said and "\x1b[K" not in said, "nothing of the trainer's own"
    assert "epoch 1 of 2: mAP50 " in said and "epoch 2 of 2: " in said
    assert "epoch 3" not in said
    first = said.index("here/demo.jpg")
    assert "here/" not in said[said.index("Look first at:") : first]
    assert images.read(tmp_path / "here" / "demo.jpg").shape[1] == 960
    metrics = json.loads((tmp_path / "here" / "val" / "metrics.json").read_text())
    assert f"from a score of {metrics['threshold']:.2g} on" in said
