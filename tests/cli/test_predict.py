"""`yolo-fer predict` as a user runs it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from tests.helpers.graphs import end_to_end_output, raw_output, write_constant

FACE = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})
START = "from yolo_fer.cli.main import main; main()"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_constant(tmp_path_factory.mktemp("weights") / "one.onnx", raw_output(FACE))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.jpg", "sub/b c.png"):
        PillowImage.new("RGB", (320, 320)).save(folder / name)
    return folder


def run(*arguments: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START, "predict", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


def test_a_crowd_beyond_the_limit_is_said_once(tmp_path: Path, photos: Path) -> None:
    two = raw_output(FACE, ((200, 200, 260, 280), {4: 0.8}))
    weights = write_constant(tmp_path / "two.onnx", two)
    limited = run("photos", "--weights", weights, "--max-faces", "1", folder=photos.parent)
    assert limited.returncode == 0, limited.stderr
    assert "images: 2, faces: 2" in limited.stderr
    assert limited.stderr.count("more than 1 faces") == 1
    assert "--max-faces" in limited.stderr
    every = run("photos", "--weights", weights, "--max-faces", "2", folder=photos.parent)
    assert "images: 2, faces: 4" in every.stderr
    assert "--max-faces" not in every.stderr


def test_without_an_output_option_it_prints_what_it_found(weights: Path, photos: Path) -> None:
    done = run("photos", "--weights", weights, folder=photos.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "photos/a.jpg: happiness 82 %",
        "photos/sub/b c.png: happiness 82 %",
    ]
    assert "images: 2, faces: 2" in done.stderr


def test_json_on_standard_output_is_nothing_but_json(weights: Path, photos: Path) -> None:
    done = run("photos", "--weights", weights, "--json", "-", folder=photos.parent)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first == {
        "source": "photos/a.jpg",
        "frame": None,
        "time_ms": None,
        "width": 320,
        "height": 320,
        "faces": [
            {
                "box": [80, 96, 160, 192],
                "emotion": "happiness",
                "score": 0.92,
                "scores": {
                    "anger": 0,
                    "disgust": 0,
                    "fear": 0,
                    "happiness": 0.9,
                    "sadness": 0,
                    "surprise": 0,
                    "neutral": 0.2,
                },
                "probabilities": {
                    "anger": 0,
                    "disgust": 0,
                    "fear": 0,
                    "happiness": 0.81818,
                    "sadness": 0,
                    "surprise": 0,
                    "neutral": 0.18182,
                },
                "track": None,
            }
        ],
    }
    assert second["source"] == "photos/sub/b c.png"


def test_all_outputs_at_once(weights: Path, photos: Path, tmp_path: Path) -> None:
    done = run(
        photos, "--weights", weights, "--json", "out.jsonl", "--csv", "-", "--save", "drawn",
        folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["emotion"] for row in rows] == ["happiness"] * 2
    shown = [rows[0][name] for name in ("score", "happiness", "probability_happiness")]
    assert shown == ["0.92", "0.9", "0.81818"]
    assert (tmp_path / "drawn" / "sub" / "b c.jpg").is_file()


def test_bad_images_are_counted_and_the_status_is_0(weights: Path, photos: Path) -> None:
    (photos / "c.jpg").write_bytes(b"")
    done = run(photos, "--weights", weights, "--json", "-")
    assert done.returncode == 0
    assert "empty_image" in done.stderr
    assert "c.jpg" in done.stderr
    assert [("error" in json.loads(line)) for line in done.stdout.splitlines()] == [
        False,
        True,
        False,
    ]
    assert run(photos, "--weights", weights, "--strict").returncode == 1


def test_no_usable_image_is_status_1(weights: Path, tmp_path: Path) -> None:
    done = run("missing.jpg", "--weights", weights, "--json", "-", folder=tmp_path)
    assert done.returncode == 1
    assert "missing.jpg" in json.loads(done.stdout)["error"]
    (tmp_path / "empty").mkdir()
    assert run("empty", "--weights", weights, folder=tmp_path).returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["ftp://server/a.jpg"],
        ["a.jpg", "--imgsz", "0"],
        ["a.jpg", "--conf", "2"],
        ["a.jpg", "--threads", "0"],
        ["a.jpg", "--device", "abacus"],
        ["a.jpg", "--json", "-", "--csv", "-"],
        ["a.jpg", "--no-such-flag"],
        [],
    ],
)
def test_wrong_usage_is_status_2(weights: Path, photos: Path, arguments: list[str]) -> None:
    done = run(*arguments, "--weights", weights, folder=photos)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_existing_results_are_refused_before_anything_is_written(
    weights: Path, photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "drawn").mkdir()
    (tmp_path / "drawn" / "mine.txt").touch()
    arguments = (photos, "--weights", weights, "--save", "drawn", "--json", "out.jsonl")
    assert run(*arguments, folder=tmp_path).returncode == 2
    assert not (tmp_path / "out.jsonl").exists()
    assert run(*arguments, "--overwrite", folder=tmp_path).returncode == 0
    assert (tmp_path / "drawn" / "mine.txt").exists()


def test_the_threshold_and_the_size_reach_the_detector(weights: Path, photos: Path) -> None:
    assert "no face" in run(photos / "a.jpg", "--weights", weights, "--conf", "0.95").stdout
    done = run(photos / "a.jpg", "--weights", weights, "--imgsz", "640", "--json", "-")
    assert json.loads(done.stdout)["faces"][0]["box"] == [40, 48, 80, 96]


def test_a_warning_of_the_detector_is_one_line_on_standard_error(
    photos: Path, tmp_path: Path
) -> None:
    graph = write_constant(tmp_path / "end.onnx", end_to_end_output((80, 96, 160, 192, 0.9, 3)))
    done = run(photos, "--weights", graph)
    warnings = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 1
    assert "best class" in warnings[0]
    assert "detector.py" not in done.stderr


def test_unknown_weights_are_status_1_without_a_traceback(photos: Path) -> None:
    done = run(photos, "--weights", "no-such-weights")
    assert done.returncode == 1
    assert "no-such-weights" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_escaped(weights: Path, photos: Path) -> None:
    odd = os.fsencode(photos / "a") + b"\xff.jpg"
    (photos / "a.jpg").rename(os.fsdecode(odd))
    done = run(photos, "--weights", weights, "--csv", photos / "out.csv")
    assert done.returncode == 0, done.stderr
    assert "udcff.jpg" in (photos / "out.csv").read_text("utf-8")
    assert "udcff.jpg: happiness" in run(photos, "--weights", weights).stdout


def test_the_help_names_every_option() -> None:
    done = run("--help")
    for option in ("--weights", "--imgsz", "--conf", "--iou", "--device", "--threads", "--json",
                   "--csv", "--save", "--trust-weights", "--strict"):  # fmt: skip
        assert option in done.stdout


def test_nothing_heavy_is_imported(weights: Path, photos: Path) -> None:
    code = f"""
import sys
import yolo_fer
assert len([m for m in sys.modules if m.startswith("yolo_fer")]) == 1, "import yolo_fer is free"
from yolo_fer.cli.main import app
app(["predict", {str(photos)!r}, "--weights", {str(weights)!r}], standalone_mode=False)
heavy = ["torch", "ultralytics", "matplotlib", "pandas", "pycocotools", "openvino", "scipy"]
assert not set(heavy) & set(sys.modules), sorted(set(heavy) & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "flags", [("--track",), ("--smooth",), ("--timeline", "t.png"), ("--summary", "s.csv")]
)
def test_what_only_a_video_gives_is_refused_for_images(
    weights: Path, photos: Path, flags: tuple[str, ...]
) -> None:
    done = run("photos", "--weights", weights, *flags, folder=photos.parent)
    assert done.returncode == 2
    assert f"{flags[0]} follows faces through a video" in done.stderr
