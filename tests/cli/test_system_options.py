"""`--pipeline` of `predict` and `val`."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

pytest.importorskip("onnx")
from tests.helpers.drawn_crops import drawn_photograph
from yolo_fer import images
from yolo_fer.cli.main import main
from yolo_fer.emotions import EMOTION_NAMES, Emotion


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    picture = drawn_photograph(Emotion.HAPPINESS, 1, (110,))
    (tmp_path / "a.jpg").write_bytes(images.encode_jpeg(picture))
    return tmp_path / "a.jpg"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr(sys, "argv", ["yolo-fer", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_a_pipeline_predicts_images_in_the_form_of_the_detector(
    photo: Path, meter: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(monkeypatch, "predict", "a.jpg", "--pipeline", f"retinaface+{meter}", "--json", "-")
        == 0
    )
    (line,) = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    assert (answer["source"], answer["width"], answer["height"]) == ("a.jpg", 320, 240)
    (face,) = answer["faces"]
    assert len(face["scores"]) == 7
    assert face["score"] == pytest.approx(sum(face["scores"].values()), abs=1e-4)
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_the_labelled_crops_are_saved(
    photo: Path, meter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = ("--pipeline", f"retinaface+{meter}")
    assert run(monkeypatch, "predict", "a.jpg", *pipeline, "--save-faces", "crops") == 0
    (crop,) = (photo.parent / "crops").glob("*/*.jpg")
    assert crop.parent.name in EMOTION_NAMES


def test_a_pipeline_follows_faces_through_a_video(
    photo: Path, meter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("av", "supervision", "trackers"):
        pytest.importorskip(package)
    from tests.helpers.raw_affwild2 import film

    picture = images.read(photo)
    film(photo.parent / "clip.mp4", (picture for _ in range(8)), codec="libx264")
    words = ("clip.mp4", "--pipeline", f"retinaface+{meter}", "--smooth", "--json", "out.jsonl")
    assert run(monkeypatch, "predict", *words) == 0
    lines = [json.loads(line) for line in (photo.parent / "out.jsonl").read_text().splitlines()]
    assert [line["frame"] for line in lines] == list(range(8))
    assert {face["track"] for face in lines[-1]["faces"]} != {None}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--weights", "yolo-fer-n.onnx"), "--weights for a detector or --pipeline, not both"),
        (("--iou", "0.4"), "--iou is for --weights"),
        (("--trust-weights",), "--trust-weights is for --weights"),
        (("--conf", "1.5"), "conf must lie between 0 and 1"),
    ],
)
def test_what_does_not_go_with_a_pipeline_is_wrong_usage(
    photo: Path,
    meter: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    message: str,
) -> None:
    assert run(monkeypatch, "predict", "a.jpg", "--pipeline", f"retinaface+{meter}", *words) == 2
    assert message in capsys.readouterr().err


def test_an_unknown_pipeline_lists_what_there_is(
    photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "predict", "a.jpg", "--pipeline", "mtcn+fer-cnn") == 2
    message = capsys.readouterr().err
    assert all(name in message for name in ("retinaface", "mtcnn", "haar", "yunet"))


def test_val_measures_a_pipeline_and_names_its_parts(
    tmp_path: Path, meter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pycocotools")
    from tests.helpers.tiny_set import LEFT, SPLIT, TinyImage, write_set

    data = write_set(tmp_path / "set", [TinyImage(((LEFT, Emotion.FEAR),))])
    words = (data, "--split", SPLIT, "--no-plots", "--bootstrap", "0", "--out", tmp_path / "out")
    assert run(monkeypatch, "val", *words, "--pipeline", f"retinaface+{meter}") == 0
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["predictor"] == "retinaface+meter"
    assert metrics["weights_sha256"] is None
    assert {"sha256 of 1, retinaface", "sha256 of 2, meter"} <= metrics["options"].keys()
    assert f"--pipeline retinaface+{meter}" in metrics["command"]
    assert metrics["face_ap50"] == 0, "a grey image has no face"


def test_predicting_with_two_stages_imports_no_framework(photo: Path, meter: Path) -> None:
    code = (
        "import sys; from yolo_fer.cli.main import main\n"
        f"sys.argv = ['yolo-fer', 'predict', 'a.jpg', '--pipeline', {f'retinaface+{meter}'!r}]\n"
        "try: main()\nexcept SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'torch', 'ultralytics', 'matplotlib', 'pandas'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=photo.parent
    )
    assert done.returncode == 0, done.stderr
