"""`yolo-fer val` from end to end, with a network whose answer is known."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnx")
pytest.importorskip("pycocotools")
from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.tiny_set import LEFT, SPLIT, TinyImage, write_set
from yolo_fer.cli.main import main
from yolo_fer.emotions import Emotion
from yolo_fer.weights.hashes import sha256_of
from yolo_fer.weights.store import default_detector

# A 100 px image fills a 320 px input, so everything is 3.2 times as large.
IN_NETWORK = tuple(3.2 * value for value in LEFT)
TINY = [
    TinyImage(((LEFT, Emotion.FEAR),)),
    TinyImage(((LEFT, Emotion.HAPPINESS),)),
    TinyImage(((LEFT, Emotion.HAPPINESS),)),
]


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    scores = {Emotion.HAPPINESS: 0.9, Emotion.FEAR: 0.05}
    return write_constant(tmp_path / "fixed.onnx", raw_output((IN_NETWORK, scores)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set", TINY)


def val(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """Run the command in this process and return its exit status."""
    monkeypatch.setattr(sys, "argv", ["yolo-fer", "val", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_figures_files_and_the_command_that_prints_them_again(
    tmp_path: Path,
    data: Path,
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = (data, "--weights", weights, "--split", SPLIT, "--bootstrap", "50")
    assert val(monkeypatch, *arguments) == 0
    printed = capsys.readouterr()
    assert "33.93 %" in printed.out
    assert "another test set" in printed.out
    assert "no face shows anger" in printed.err
    again = next(line for line in printed.out.splitlines() if line.startswith("again with"))
    for part in (str(data), str(weights), "--split test", "--bootstrap 50"):
        assert part in again
    folder = tmp_path / "runs" / "detect" / "val"
    assert sorted(path.name for path in folder.iterdir()) == [
        "by_size.png",
        "confusion.png",
        "metrics.json",
        "precision_recall.png",
        "predictions.json",
        "reliability.png",
        "worst_mistakes.csv",
        "worst_mistakes.jpg",
    ]
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["weights_sha256"] == sha256_of(weights)
    assert metrics["options"]["imgsz"] == 320
    # Equal scores rank in the order of the files: happiness is first named on the face that fears.
    assert metrics["classes"]["happiness"]["ap50"] == pytest.approx(2 / 3)
    assert metrics["classes"]["fear"]["ap50"] == pytest.approx(1)
    assert metrics["face_ap50"] == pytest.approx(1)
    assert metrics["accuracy"] == pytest.approx(2 / 3)
    assert metrics["command"] in again

    assert val(monkeypatch, *arguments, "--no-plots") == 0
    second = tmp_path / "runs" / "detect" / "val2"
    without_pictures = ["metrics.json", "predictions.json", "worst_mistakes.csv"]
    assert sorted(path.name for path in second.iterdir()) == without_pictures
    assert (second / "metrics.json").read_bytes() == (folder / "metrics.json").read_bytes()


def test_strict_fails_on_a_bad_item_after_reporting_all_figures(
    tmp_path: Path,
    data: Path,
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (data.parent / "images" / SPLIT / "000.jpg").write_bytes(b"")
    common = (data, "--weights", weights, "--split", SPLIT, "--no-plots", "--bootstrap", "0")
    assert val(monkeypatch, *common, "--out", tmp_path / "a") == 0
    assert val(monkeypatch, *common, "--out", tmp_path / "b", "--strict") == 1
    printed = capsys.readouterr()
    assert "1 images: 1 empty_image" in printed.out
    assert "--strict: 1 images" in printed.err
    assert (tmp_path / "b" / "metrics.json").is_file()


def test_a_wrong_split_is_wrong_usage_and_leaves_no_folder(
    tmp_path: Path,
    data: Path,
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert val(monkeypatch, data, "--weights", weights, "--split", "val", "--out", out) == 2
    assert "has no split 'val'; it has test" in capsys.readouterr().err
    assert not out.exists()


def test_an_out_folder_with_files_is_refused(
    tmp_path: Path, data: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert val(monkeypatch, data, "--weights", weights, "--split", SPLIT, "--out", data.parent) == 2


def test_measuring_an_onnx_network_imports_no_framework(data: Path, weights: Path) -> None:
    code = (
        "import sys; from yolo_fer.cli.main import main\n"
        f"sys.argv = ['yolo-fer', 'val', {str(data)!r}, '--weights', {str(weights)!r},\n"
        f"            '--split', {SPLIT!r}, '--out', {str(data.parent / 'out')!r}, '--no-plots']\n"
        "try: main()\nexcept SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'torch', 'ultralytics', 'matplotlib.pyplot', 'pandas'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_folder_is_measured_with_the_shipped_weights_where_none_are_named(
    tmp_path: Path,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    common = ("--split", SPLIT, "--no-plots", "--bootstrap", "0", "--out")
    assert val(monkeypatch, data.parent, *common, tmp_path / "out") == 0
    assert f"written to {tmp_path / 'out'}" in capsys.readouterr().err
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["weights_sha256"] == sha256_of(default_detector())
    assert metrics["data"] == str(data)

    assert val(monkeypatch, data.parent, *common, tmp_path / "quiet", "-q") == 0
    assert "written to" not in capsys.readouterr().err


def test_a_folder_without_data_yaml_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert val(monkeypatch, tmp_path) == 2
    assert f"{tmp_path} has no data.yaml; give the folder that" in capsys.readouterr().err


def test_faces_are_counted_as_found_from_the_threshold_that_is_given(
    tmp_path: Path, data: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(conf: str) -> dict[str, object]:
        out = tmp_path / conf
        common = ("--split", SPLIT, "--no-plots", "--bootstrap", "0", "--out", out)
        assert val(monkeypatch, data, "--weights", weights, *common, "--conf", conf) == 0
        return dict(json.loads((out / "metrics.json").read_text()))

    low, high = measured("0.5"), measured("0.99")
    assert (low["face_recall"], high["face_recall"]) == (1, 0)
    assert high["threshold"] == 0.99
    assert low["face_ap50"] == high["face_ap50"] == pytest.approx(1), "the curve is whole"
    assert "--conf 0.99" in str(high["command"])
