"""The whole training on a few drawn faces, from random weights."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from tests.helpers.converted import KEEP, convert_raw
from tests.helpers.drawn_crops import drawn_crop, drawn_photograph
from tests.helpers.mtcnn_files import random_cascade, random_parts
from tests.helpers.raw_expw import RawExpw
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.results import Predictor
from yolo_fer.two_stage.mtcnn_expressions import MtcnnFer
from yolo_fer.two_stage.pipeline import load_pipeline

pytest.importorskip("torch")

from yolo_fer.train.mtcnn import mtcnn_training
from yolo_fer.train.mtcnn.mtcnn_training import MtcnnChoice, train_mtcnn
from yolo_fer.train.mtcnn.stage import StageSchedule


@pytest.fixture(scope="module")
def choice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MtcnnChoice]:
    folder = tmp_path_factory.mktemp("data")
    raw = RawExpw(folder / "raw")
    for i in range(6):
        raw.image(f"{i}.jpg", drawn_photograph(Emotion(i), i))
        raw.row(f"{i}.jpg", (115, 65, 205, 155), label=i)
    halves = replace(KEEP, shares=SplitShares(val=0.5, test=0))
    photographs = convert_raw(raw, folder / "expw", halves)
    with (folder / "fer2013.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["emotion", "pixels", "Usage"])
        for i in range(70):
            grey = cv2.cvtColor(drawn_crop(Emotion(i % 7), i), cv2.COLOR_BGR2GRAY)
            usage = "PublicTest" if i >= 63 else "Training"
            table.writerow([i % 7, " ".join(map(str, grey.ravel())), usage])
    schedule = StageSchedule(epochs=2, batch=32)
    starts = SimpleNamespace(resolve=random_parts(folder).__getitem__)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mtcnn_training, "weights", starts)
        yield MtcnnChoice(photographs, folder / "fer2013.csv", None, 1, schedule)


@pytest.fixture(scope="module")
def trained(choice: MtcnnChoice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_mtcnn(choice, out=tmp_path_factory.mktemp("run") / "train", device="cpu")


@pytest.mark.slow
def test_a_training_writes_a_cascade_its_figures_and_its_curves(trained: Path) -> None:
    metrics = json.loads((trained / "metrics.json").read_text())

    assert metrics["epochs"] == {"pnet": 2, "rnet": 2, "onet": 2}
    assert metrics["test"]["faces"] == 7
    assert 0 <= metrics["test"]["not_found"] <= 7
    for picture in ("curves.png", "confusion.png"):
        assert cv2.imread(str(trained / picture)) is not None
    assert not (trained / "weights" / "working.onnx").exists()


@pytest.mark.slow
def test_the_whole_system_is_one_file_that_predicts(trained: Path) -> None:
    system = load_pipeline(str(trained / "weights" / "best.onnx"), device="cpu", threads=1)
    predictor: Predictor = system

    (seen,) = predictor.predict([drawn_photograph(Emotion.HAPPINESS, 3)])

    assert (seen.width, seen.height) == (320, 240)
    for face in seen.faces:
        assert 0 < sum(face.scores) <= 1 + 1e-6


@pytest.mark.slow
def test_a_training_that_was_killed_ends_as_one_that_was_not(
    choice: MtcnnChoice, trained: Path, tmp_path: Path
) -> None:
    class Killed(Exception):
        pass

    def kill(message: str) -> None:
        if message.startswith("joint, rnet: epoch 1"):
            raise Killed

    with pytest.raises(Killed):
        train_mtcnn(choice, out=tmp_path / "killed", device="cpu", on_message=kill)
    train_mtcnn(choice, out=tmp_path / "killed", resume=True, device="cpu")

    files = "metrics.json", "weights/joint-onet.csv", "weights/best.onnx"
    for file in files:
        assert (tmp_path / "killed" / file).read_bytes() == (trained / file).read_bytes()


@pytest.mark.slow
def test_a_training_does_not_go_on_with_other_faces(
    choice: MtcnnChoice, trained: Path, tmp_path: Path
) -> None:
    killed = shutil.copytree(trained, tmp_path / "killed")
    (killed / "metrics.json").unlink()
    boxes = np.zeros((3, 4))
    np.savez_compressed(killed / "fer2013_boxes.npz", train=boxes, val=boxes, test=boxes)

    with pytest.raises(YoloFerError, match="began on other faces"):
        train_mtcnn(choice, out=killed, resume=True, device="cpu")


@pytest.mark.slow
def test_there_must_be_something_to_go_on_with(choice: MtcnnChoice, trained: Path) -> None:
    with pytest.raises(YoloFerError, match="no unfinished training"):
        train_mtcnn(choice, out=trained, resume=True, device="cpu")


def test_scores_are_those_of_the_face_times_the_emotions(tmp_path: Path) -> None:
    path = random_cascade(tmp_path / "mine.onnx", EMOTION_NAMES)

    system = MtcnnFer(path, threads=1)
    (seen,) = system.predict([np.full((30, 30, 3), 60, np.uint8)])

    assert system.name == "mine"
    assert system.parts[0].weights_bytes == path.stat().st_size
    assert seen.faces == ()


def test_a_cascade_without_expressions_is_no_system(tmp_path: Path) -> None:
    path = random_cascade(tmp_path / "finder.onnx")

    with pytest.raises(YoloFerError, match=r"mtcnn\+CLASSIFIER"):
        load_pipeline(str(path), device="cpu")
