"""The whole path from raw datasets to weights, on drawn faces."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.helpers.drawn_crops import drawn_photograph
from tests.helpers.drawn_pictures import crop, photograph
from tests.helpers.face_features import write_face_features
from tests.helpers.networks import write_checkpoint
from tests.helpers.photograph_detector import SaysInPhotographs
from tests.helpers.raw_materials import raw_materials
from tools.shipping.crop_classifier import CropClassifier
from tools.shipping.face_features import FaceFeatures
from tools.shipping.materials import DATASETS
from tools.shipping.plan import Job, Machine, Plan
from tools.shipping.stages import evenly, label
from yolo_fer.detector import Detector
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError
from yolo_fer.weights.hashes import sha256_of

ROOT = Path(__file__).resolve().parents[3]


class Refuses(CropClassifier):
    """A classifier that is not asked."""

    def forward(self, pixels: Any) -> torch.Tensor:
        raise AssertionError("the labels are there")


def run(data: Path, work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.train_shipped_weights", str(data)]
    command += ["--work", str(work), "--share", "0.0005", *more]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.slow
def test_one_command_leads_from_raw_datasets_to_weights_that_predict(tmp_path: Path) -> None:
    data, work = raw_materials(tmp_path / "raw"), tmp_path / "work"
    start = str(write_checkpoint(tmp_path / "start.pt", "yolo11n"))
    features = ["--features", str(write_face_features(tmp_path / "features.onnx"))]
    done = run(data, work, "--start", start, *features)
    assert done.returncode == 0, done.stderr

    for stage, steps in (("crops", "2"), ("images", "5")):
        with (work / stage / "validation.csv").open() as file:
            last = list(csv.DictReader(file))[-len(DATASETS) :]
        assert {row["set"] for row in last} == set(DATASETS)
        assert {row["step"] for row in last} == {steps}
    files = [work / "weights" / f"yolo-fer-n{end}" for end in (".onnx", ".pt", "_int8.onnx")]
    for file in files:
        detector = Detector(file)
        assert detector.imgsz == 384
        assert detector.predict([drawn_photograph(Emotion.HAPPINESS, 3)])
    sums = dict(line.split()[::-1] for line in (work / "weights" / "SHA256SUMS").open())
    assert sums == {file.name: sha256_of(file) for file in files}

    missing = run(data, work, "--start", start)
    assert missing.returncode == 2
    assert "vggface2-mobilenet.onnx is missing" in missing.stderr
    other = run(data, work, "--start", start, *features, "--share", "0.003")
    assert other.returncode == 2
    assert "holds a training with other settings" in other.stderr

    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(work / "packs", elsewhere / "packs")
    packed = run(tmp_path / "nothing", elsewhere, "--start", start, *features, "--workers", "1")
    assert packed.returncode == 0, packed.stderr
    first, second = (
        (folder / "crops" / "validation.csv").read_bytes() for folder in (work, elsewhere)
    )
    assert first == second, "packs and processes change nothing"

    further = tmp_path / "further"
    shutil.copytree(work / "packs", further / "packs")
    more = ["--continued", "--kept", str(files[1])]
    trained = ["--start", str(work / "images" / "trained.pt")]
    trained_on = run(tmp_path / "nothing", further, *more, *trained)
    assert trained_on.returncode == 0, trained_on.stderr
    assert Detector(further / "images" / "trained.pt").imgsz == 384
    other = run(tmp_path / "nothing", further, *more, "--start", str(files[1]))
    assert other.returncode == 2
    assert "another start" in other.stderr


def test_without_datasets_and_packs_it_says_what_is_missing(tmp_path: Path) -> None:
    refused = run(tmp_path, tmp_path / "work")
    assert refused.returncode == 1
    assert "holds no folder expw" in refused.stderr


def test_what_is_measured_comes_from_everywhere_in_the_list() -> None:
    one = photograph(Emotion.FEAR)
    pictures = [replace(one, name=str(number)) for number in range(1055)]
    chosen = [int(picture.name) for picture in evenly(pictures, 500)]
    assert len(chosen) <= 500
    assert chosen[0] == 0
    assert chosen[-1] > 1000


def test_labels_are_made_once_for_a_training_that_goes_on(tmp_path: Path) -> None:
    pictures = {"expw": [photograph(Emotion.FEAR), photograph(None)], "rafdb": [crop(Emotion.FEAR)]}
    features = FaceFeatures()
    no = tmp_path / "not needed"
    job = Job(no, no, pictures, {}, Plan(), tmp_path, Machine())
    made, again = (
        label(one(features), job, SaysInPhotographs(None)).pictures
        for one in (CropClassifier, Refuses)
    )
    for first, second in zip(chain(*made.values()), chain(*again.values()), strict=True):
        np.testing.assert_array_equal(first.targets, second.targets)
        assert np.isfinite(first.targets).all()
    with pytest.raises(UsageError, match="labels of other pictures"):
        label(
            Refuses(features),
            replace(job, pictures={"rafdb": [crop(Emotion.FEAR)]}),
            SaysInPhotographs(None),
        )


def test_without_a_classifier_a_detector_names_photographs(tmp_path: Path) -> None:
    known = photograph(Emotion.FEAR)
    no, face = tmp_path / "not needed", tuple(known.boxes[0].tolist())
    job = Job(no, no, {"expw": [known]}, {}, Plan(), tmp_path, Machine())
    (named,) = label(None, job, SaysInPhotographs(face, Emotion.SADNESS)).pictures["expw"]
    assert named.targets[0, Emotion.SADNESS] > known.targets[0, Emotion.SADNESS]
