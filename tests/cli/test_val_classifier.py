from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import cv2
from typer.testing import CliRunner

from tests.helpers.trained import stripes
from yolo_fer.cli.main import app
from yolo_fer.convert.folders_source import compile_group_by
from yolo_fer.crops.crop_set import DataChoice
from yolo_fer.crops.labelled_crops import read_splits
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import UsageError, YoloFerError

runner = CliRunner()


def test_val_classifier_prints_and_writes_the_same_figures(
    faces: Path, trained: Path, tmp_path: Path
) -> None:
    out = tmp_path / "figures.json"
    best = str(trained / "weights" / "best.onnx")
    words = ["val-classifier", str(faces), "--weights", best, "--split", "test"]
    result = runner.invoke(app, [*words, "--json", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    written = json.loads(out.read_text())
    trained_figures = json.loads((trained / "metrics.json").read_text())
    assert {key: written[key] for key in trained_figures["test"]} == trained_figures["test"]
    assert written["weights_sha256"] == [trained_figures["weights_sha256"]]
    assert f"accuracy {100 * written['accuracy']:.1f} %" in result.stdout
    assert all(word in result.stdout for word in ("surprise", "precision", "macro-F1"))
    assert sum(sum(row.values()) for row in written["confusion"].values()) == written["faces"]


def test_figures_that_cannot_be_written_are_wrong_usage(
    faces: Path, trained: Path, tmp_path: Path
) -> None:
    best = str(trained / "weights" / "best.onnx")
    words = ["val-classifier", str(faces), "--weights", best, "--split", "test", "--json"]
    result = runner.invoke(app, [*words, str(tmp_path / "nowhere" / "out.json")])
    assert isinstance(result.exception, UsageError)
    assert "nowhere" in str(result.exception)


def test_the_persons_of_a_training_are_the_persons_of_its_test(
    trained: Path, tmp_path: Path
) -> None:
    for person in range(20):
        for emotion in Emotion:
            folder = tmp_path / "people" / emotion.label
            folder.mkdir(parents=True, exist_ok=True)
            picture = stripes(emotion, 100 * emotion + person)
            cv2.imwrite(str(folder / f"S{person}_1.png"), picture)
    chosen = DataChoice(
        tmp_path / "people", None, EMOTION_NAMES, 1, 32, compile_group_by(r"S(\d+)_")
    )
    expected = len(read_splits(chosen, Counter())["test"])
    words = [
        "val-classifier",
        str(tmp_path / "people"),
        "--split",
        "test",
        "--group-by",
        r"S(\d+)_",
    ]
    best = str(trained / "weights" / "best.onnx")
    out = tmp_path / "out.json"
    runner.invoke(app, [*words, "--weights", best, "--json", str(out)], catch_exceptions=False)
    assert json.loads(out.read_text())["faces"] == expected


def test_two_classifiers_are_joined(faces: Path, trained: Path, tmp_path: Path) -> None:
    best = str(trained / "weights" / "best.onnx")
    out = tmp_path / "joined.json"
    words = ["val-classifier", str(faces), "--weights", best, "--weights", best, "--flip"]
    result = runner.invoke(app, [*words, "--json", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    written = json.loads(out.read_text())
    assert written["classifiers"] == ["best", "best"]
    assert (written["flip"], written["split"], written["faces"]) == (True, "all", 140)


def test_a_folder_that_names_no_emotion_and_a_wrong_split_are_errors(
    trained: Path, faces: Path, tmp_path: Path
) -> None:
    best = str(trained / "weights" / "best.onnx")
    (tmp_path / "dogs").mkdir()
    result = runner.invoke(app, ["val-classifier", str(tmp_path), "--weights", best])
    assert isinstance(result.exception, YoloFerError)
    result = runner.invoke(app, ["val-classifier", str(faces), "--weights", best, "--split", "new"])
    assert isinstance(result.exception, UsageError)
    assert "train, val, test and all" in str(result.exception)
