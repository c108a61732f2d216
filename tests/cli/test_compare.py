"""`yolo-fer compare` where weights are not here."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

pytest.importorskip("pycocotools")
from tests.helpers.command import yolo_fer
from tests.helpers.tiny_set import LEFT, SPLIT, TinyImage, write_set
from yolo_fer.emotions import Emotion


def test_one_line_says_which_weights_are_not_here_and_what_fetches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path / "empty"))
    data = write_set(tmp_path / "set", [TinyImage(((LEFT, Emotion.FEAR),))])
    systems = ("--weights", "yolo-fer-n.onnx", "--pipeline", "mtcnn+fer-cnn")
    more = ("--pipeline", "yunet+fer-cnn", "--pipeline", "nonsense+fer-cnn")
    shortened = ("--split", SPLIT, "--repeats", "1", "--bootstrap", "0", "--no-plots")
    done = yolo_fer("compare", data.parent, *systems, *more, *shortened, "--out", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    missing, nonsense = (line for line in done.stderr.splitlines() if "not compared" in line)
    assert missing == (
        "warning: not compared: mtcnn+fer-cnn, yunet+fer-cnn: their weights are not here. "
        "Fetch them with: yolo-fer weights get mtcnn-pnet mtcnn-rnet mtcnn-onet yunet"
    )
    assert nonsense.startswith("warning: not compared: nonsense+fer-cnn: ")
    with (tmp_path / "out" / "comparison.csv").open(encoding="utf-8", newline="") as file:
        errors = {row["system"]: row["error"] for row in csv.DictReader(file)}
    assert "yunet has not been fetched" in errors["yunet+fer-cnn"]
