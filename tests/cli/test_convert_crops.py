from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from tests.helpers.command import yolo_fer
from tests.helpers.drawn_crops import drawn_crop
from tests.helpers.drawn_sets import RawRafdb, release_2021
from tests.helpers.raw_fer2013 import HEADER, row
from yolo_fer.emotions import Emotion


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join([HEADER, *(row(i) for i in range(20)), "3,1 2,Training"]))
    return path


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    root = tmp_path / "crops"
    for i in range(14):
        path = root / Emotion(i % 7).label / f"S{i // 2:03d}_{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imencode(".png", drawn_crop(Emotion(i % 7), i))[1].tofile(path)
    return root


def test_fer2013_prints_its_ledger(table: Path, tmp_path: Path) -> None:
    done = yolo_fer("convert", "fer2013", table, "--out", tmp_path / "out", "--val", "0")
    assert done.returncode == 0, done.stderr
    assert "dropped: wrong_pixel_count" in done.stdout
    report = json.loads((tmp_path / "out" / "conversion_report.json").read_text())
    assert (report["source"], report["faces_out"]) == ("fer2013", 20)
    strict = yolo_fer("convert", "fer2013", table, "--out", tmp_path / "strict", "--strict")
    assert strict.returncode == 1
    assert "1 bad rows" in strict.stderr


def test_folders_prints_its_ledger_and_says_what_became_scenes(
    folders: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ["--name", "drawn", "--group-by", r"S(\d+)_", "--val", "0.2"]
    done = yolo_fer("convert", "folders", folders, "--out", out, *arguments)
    assert done.returncode == 0, done.stderr
    assert "composed into scenes" in done.stderr
    report = json.loads((out / "conversion_report.json").read_text())
    assert (report["source"], report["rows_in"], report["faces_out"]) == ("drawn", 14, 14)
    again = yolo_fer("convert", "folders", folders, "--out", out, *arguments, "--resume")
    assert "nothing to do" in again.stdout


def test_rafdb_prints_its_ledger(tmp_path: Path) -> None:
    raw = RawRafdb(tmp_path / "raw")
    for i in range(8):
        raw.aligned(f"train_{i:05d}", i, label=i + 1)
    done = yolo_fer("convert", "rafdb", raw.write(), "--out", tmp_path / "out", "--val", "0")
    assert done.returncode == 0, done.stderr
    assert "dropped: unknown_label" in done.stdout
    report = json.loads((tmp_path / "out" / "conversion_report.json").read_text())
    assert (report["source"], report["faces_out"]) == ("rafdb", 7)
    strict = yolo_fer("convert", "rafdb", raw.root, "--out", tmp_path / "strict", "--strict")
    assert strict.returncode == 1
    assert "1 bad rows" in strict.stderr


def test_affectnet_prints_its_ledger(tmp_path: Path) -> None:
    for number in range(8):
        release_2021(tmp_path / "raw", "train_set", number, str(number))
    arguments = ["--out", tmp_path / "out", "--val", "0", "--strict"]
    done = yolo_fer("convert", "affectnet", tmp_path / "raw", *arguments)
    assert done.returncode == 0, "contempt is not a bad row"
    assert "dropped: other_class" in done.stdout
    report = json.loads((tmp_path / "out" / "conversion_report.json").read_text())
    assert (report["source"], report["rows_in"], report["faces_out"]) == ("affectnet", 8, 7)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["fer2013", "missing.csv", "--out", "x"], 1, "is not a file"),
        (["fer2013", "fer2013.csv", "--out", "fer2013.csv"], 2, "is a file"),
        (["fer2013", "fer2013.csv", "--out", "x", "--val", "1"], 2, "--val"),
        (["fer2013", "fer2013.csv", "--ferplus", "votes.csv", "--out", "x"], 1, "votes.csv"),
        (["folders", "missing", "--out", "x"], 1, "is not a folder"),
        (["rafdb", "crops", "--out", "x"], 1, "has no basic/EmoLabel"),
        (["affectnet", "missing", "--out", "x"], 1, "is not a folder"),
        (["affectnet", "crops", "--out", "x", "--finder", "nobody"], 2, "nobody"),
        (["folders", "crops", "--out", "x", "--crops", "--full"], 2, "contradict"),
        (["folders", "crops", "--out", "x", "--group-by", "("], 2, "no regular expression"),
        (["folders", "crops", "--out", "crops"], 2, "holds the raw dataset"),
    ],
)
def test_wrong_usage_is_named(
    table: Path, folders: Path, tmp_path: Path, arguments: list[str], status: int, message: str
) -> None:
    done = yolo_fer("convert", *arguments, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
