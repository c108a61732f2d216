"""The whole path from raw datasets to weights, on drawn faces."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.drawn_crops import drawn_photograph
from tests.helpers.raw_materials import raw_materials
from yolo_fer.detector import Detector
from yolo_fer.emotions import Emotion
from yolo_fer.weights.hashes import sha256_of

ROOT = Path(__file__).resolve().parents[3]


def run(
    data: Path, work: Path, *more: str, start: str | None = "yolo-fer-n.pt"
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.train_shipped_weights", str(data)]
    command += ["--work", str(work), "--share", "0.0006"]
    command += ["--start", start] if start else []
    command += more
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.slow
def test_one_command_leads_from_raw_datasets_to_weights_that_predict(tmp_path: Path) -> None:
    data, work = raw_materials(tmp_path / "raw"), tmp_path / "work"
    done = run(data, work)
    assert done.returncode == 0, done.stderr

    for stage, steps in (("first", "2"), ("second", "1"), ("third", "4")):
        with (work / stage / "validation.csv").open() as file:
            last = list(csv.DictReader(file))[-2:]
        assert [row["set"] for row in last] == ["expw", "fer"]
        assert {row["step"] for row in last} == {steps}
    files = [work / "weights" / f"yolo-fer-n{end}" for end in (".onnx", ".pt", "_int8.onnx")]
    for file in files:
        detector = Detector(file)
        assert detector.imgsz == 384
        assert detector.predict([drawn_photograph(Emotion.HAPPINESS, 3)])[0].faces
    sums = dict(line.split()[::-1] for line in (work / "weights" / "SHA256SUMS").open())
    assert sums == {file.name: sha256_of(file) for file in files}

    again = run(data, work, "--first", "third", start=None)
    assert again.returncode == 0, again.stderr
    assert "third: already trained" in again.stdout
    other = run(data, work, "--share", "0.0009")
    assert other.returncode == 2
    assert "holds a training with other settings" in other.stderr


def test_a_later_stage_needs_the_end_of_the_one_before(tmp_path: Path) -> None:
    refused = run(tmp_path, tmp_path / "work", "--first", "second", start=None)
    assert refused.returncode == 2
    assert "train the stage before, or give --start" in refused.stderr


def test_a_stage_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    refused = run(tmp_path, tmp_path / "work", "--first", "fourth")
    assert refused.returncode == 2
    assert "fourth is none of first, second, third" in refused.stderr
