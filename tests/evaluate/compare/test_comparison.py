"""`yolo-fer compare` from end to end, on drawn faces, with systems whose answer is known."""

from __future__ import annotations

import csv
import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("pycocotools")
pytest.importorskip("matplotlib")
from tests.helpers.drawn_crops import drawn_photograph
from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.meters import write_brightness_meter
from yolo_fer import images
from yolo_fer.boxes import clip, retinaface_to_expw, xyxy_to_cxcywhn
from yolo_fer.cli.main import main
from yolo_fer.dataset.evaluation_set import read_evaluation_set
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.evaluate.compare.comparison import compare as measured
from yolo_fer.evaluate.compare.crowds import FaceCrops
from yolo_fer.evaluate.compare.systems import ComparedSystem, CompareOptions, default_choices
from yolo_fer.evaluate.compare.timing import FACES
from yolo_fer.evaluate.options import EvaluationOptions
from yolo_fer.faces.retinaface import RetinaFace
from yolo_fer.systems import Choice, SystemOptions, describe
from yolo_fer.weights.hashes import sha256_of

QUICK = ("--repeats", "1", "--bootstrap", "20", "--no-plots")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven drawn faces, labelled where RetinaFace sees them."""
    root = tmp_path_factory.mktemp("set")
    finder = RetinaFace(threads=1)
    for folder in ("images", "labels"):
        (root / folder / "test").mkdir(parents=True)
    for emotion in Emotion:
        picture = drawn_photograph(emotion, int(emotion), (110,))
        (root / "images" / "test" / f"{emotion}.jpg").write_bytes(images.encode_jpeg(picture))
        height, width = picture.shape[:2]
        box = clip(retinaface_to_expw(finder.find([picture])[0].boxes[:1]), width, height)
        values = " ".join(map(str, xyxy_to_cxcywhn(box, width, height)[0]))
        (root / "labels" / "test" / f"{emotion}.txt").write_text(f"{int(emotion)} {values}\n")
    names = "".join(f"  {i}: {name}\n" for i, name in enumerate(EMOTION_NAMES))
    (root / "data.yaml").write_text(f"test: images/test\nnames:\n{names}")
    return root / "data.yaml"


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = raw_output(((80, 80, 240, 240), {Emotion.HAPPINESS: 0.9, Emotion.FEAR: 0.05}))
    return write_constant(tmp_path_factory.mktemp("weights") / "fixed.onnx", found)


def compare(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command in this process and return its exit status."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr("sys.argv", ["yolo-fer", "compare", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "comparison.csv").open(encoding="utf-8", newline="") as file:
        return {row["system"]: row for row in csv.DictReader(file)}


def test_all_systems_stand_in_one_table_and_one_that_cannot_be_loaded_is_reported(
    data: Path,
    detector: Path,
    meter: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    systems = ("--weights", detector, "--pipeline", f"retinaface+{meter}")
    bad = ("--pipeline", "nonsense+fer-cnn", "--weights", tmp_path / "gone.onnx")
    arguments = (data, *systems, *bad, "--out", out, "--repeats", 1, "--bootstrap", 20)
    assert compare(monkeypatch, *arguments) == 0
    printed = capsys.readouterr()
    assert "retinaface+meter" in printed.out
    assert (
        "warning: not compared: nonsense+fer-cnn: 'nonsense+fer-cnn' is neither of the form"
        in printed.err
    )

    table = rows(out)
    assert list(table) == ["fixed.onnx", "retinaface+meter", "gone.onnx", "nonsense+fer-cnn"]
    assert "does not exist" in table["gone.onnx"]["error"]
    ours, two = table["fixed.onnx"], table["retinaface+meter"]
    assert float(two["face_ap50"]) == pytest.approx(1)
    assert float(two["found"]) == 1
    assert int(ours["bytes"]) == detector.stat().st_size
    assert int(two["bytes"]) > meter.stat().st_size + 1_700_000, "RetinaFace counts, too"
    assert ours["sha256"] == sha256_of(detector)
    for faces in FACES:
        assert float(ours[f"ms_{faces}"]) > 0
        assert float(ours[f"ratio_{faces}"]) == 1
    assert float(two["found_20"]) > 3 * float(two["found_5"]) > 6

    assert two["sha256"].endswith(f" + {sha256_of(meter)}")

    markdown = (out / "comparison.md").read_text("utf-8")
    assert sha256_of(detector)[:8] in markdown
    assert sha256_of(meter)[:8] in markdown
    assert len([line for line in markdown.splitlines() if line.startswith("|")]) == 2 + 2
    assert "Not compared: gone.onnx" in markdown
    assert "7 images, 7 labelled faces" in markdown
    assert images.read(out / "accuracy_over_speed.png").shape[1] > 1000
    for name in ("fixed.onnx", "retinaface+meter"):
        assert (out / "systems" / name / "confusion.png").is_file()

    metrics = [
        json.loads((out / "systems" / n / "metrics.json").read_text()) for n in list(table)[:2]
    ]
    assert metrics[0]["options"]["images"] == metrics[1]["options"]["images"]
    assert {m["options"]["imgsz"] for m in metrics} == {320}
    assert metrics[1]["options"]["sha256 of 2, meter"] == sha256_of(meter)


def test_a_comparison_goes_on_after_a_kill_and_measures_only_what_is_missing(
    data: Path,
    meter: Path,
    detector: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    one = ("--pipeline", f"retinaface+{meter}")
    assert compare(monkeypatch, data, *one, "--out", out, *QUICK) == 0
    first = (out / "systems" / "retinaface+meter" / "metrics.json").stat().st_mtime_ns
    capsys.readouterr()
    both = (data, *one, "--weights", detector, "--out", out, *QUICK)
    assert compare(monkeypatch, *both) == 2, "a folder with files is refused"
    assert compare(monkeypatch, *both, "--resume") == 0
    assert "retinaface+meter: measured before" in capsys.readouterr().err
    assert (out / "systems" / "retinaface+meter" / "metrics.json").stat().st_mtime_ns == first
    assert list(rows(out)) == ["fixed.onnx", "retinaface+meter"]


def test_other_files_of_the_same_name_and_other_settings_are_measured_again(
    data: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(data.parent, tmp_path / "set")) / "data.yaml"
    path = write_brightness_meter(tmp_path / "mine.onnx")
    choices = [Choice(pipeline=f"retinaface+{path}")]
    out = tmp_path / "out"
    said: list[str] = []

    quick = EvaluationOptions(resamples=0, plots=False)

    def measure(imgsz: int = 320) -> None:
        options = CompareOptions(imgsz=imgsz, evaluation=quick, repeats=1)
        measured(choices, copy, "test", out, options, say=said.append)

    measure()
    write_brightness_meter(path, EMOTION_NAMES[::-1])
    measure()
    label = copy.parent / "labels" / "test" / "0.txt"
    label.write_text(label.read_text().replace("0", "1", 1))
    measure()
    photograph = copy.parent / "images" / "test" / "0.jpg"
    content = bytearray(photograph.read_bytes())
    content[-20] ^= 1  # as long as before
    photograph.write_bytes(content)
    measure()
    measure(imgsz=160)
    assert not said
    measure(imgsz=160)
    assert said == ["retinaface+mine: measured before"]


def test_two_systems_with_one_file_name_are_told_apart(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        paths.append(write_brightness_meter(tmp_path / folder / "best.onnx"))
    chosen = [word for path in paths for word in ("--pipeline", f"retinaface+{path}")]
    out = tmp_path / "out"
    assert compare(monkeypatch, data, *chosen, "--out", out, *QUICK) == 0
    assert list(rows(out)) == [f"retinaface+{path}" for path in paths]
    assert len(list((out / "systems").iterdir())) == 2
    assert compare(monkeypatch, data, *chosen, *chosen[:2], "--out", tmp_path / "c", *QUICK) == 2


def test_names_that_differ_only_in_a_sign_have_folders_of_their_own() -> None:
    names = ["haar+x/y.onnx", "haar+x_y.onnx", "haar+x y.onnx", "..", "."]
    folders = {ComparedSystem(name, *[None] * 4).folder for name in names}  # type: ignore[arg-type]
    assert len(folders) == len(names)
    assert not any(set("/ ") & set(folder) or folder.startswith(".") for folder in folders)


def test_nothing_that_loads_is_an_error_and_strict_makes_one_of_each(
    data: Path,
    meter: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert compare(monkeypatch, data, "--pipeline", "retinaface+gone.onnx", "--out", out) == 1
    assert "no system can be loaded" in capsys.readouterr().err
    assert not out.exists()
    both = ("--pipeline", "retinaface+gone.onnx", "--pipeline", f"retinaface+{meter}")
    assert compare(monkeypatch, data, *both, "--out", out, *QUICK, "--strict") == 1
    assert "1 systems could not be compared" in capsys.readouterr().err
    assert (out / "comparison.md").is_file()


@pytest.mark.parametrize("wrong", [("--split", "val"), ("--resume",)])
def test_wrong_usage_leaves_no_folder(
    data: Path, meter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert compare(monkeypatch, data, "--pipeline", f"retinaface+{meter}", *wrong) == 2
    assert not list(tmp_path.glob("runs/*/*"))


def test_without_a_choice_every_shipped_detector_takes_part() -> None:
    choices = default_choices()
    assert "yolo-fer-n.onnx" in [choice.weights for choice in choices]
    assert all(choice.weights or choice.pipeline for choice in choices)


def test_timed_frames_are_made_of_the_faces_of_the_set(data: Path) -> None:
    crops = FaceCrops.collect(read_evaluation_set(data, "test"))
    assert len(crops.pictures) == len(Emotion)
    finder = RetinaFace(threads=1)
    for faces in FACES:
        frames = crops.frames(faces)
        assert {frame.shape for frame in frames} == {(480, 640, 3)}
        found = [len(f.boxes) for f in finder.find(frames)]
        assert np.mean(found) == pytest.approx(faces, rel=0.15)
    again = FaceCrops.collect(read_evaluation_set(data, "test")).frames(5)
    assert all((a == b).all() for a, b in zip(again, crops.frames(5), strict=True))


def test_a_set_of_tiny_faces_is_timed_on_drawn_ones() -> None:
    frames = FaceCrops(()).frames(1)
    assert len(RetinaFace(threads=1).find(frames[:1])[0].boxes) == 1


def test_what_is_wrong_with_the_data_is_told_and_strict_counts_it(
    data: Path,
    detector: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = Path(shutil.copytree(data.parent, tmp_path / "set"))
    first, *_, last = sorted((root / "images" / "test").iterdir())
    first.write_bytes(b"nothing")
    (root / "labels" / "test" / f"{last.stem}.txt").write_text("")
    data = root / "data.yaml"
    arguments = (data, "--weights", detector, "--repeats", 1, "--bootstrap", 0, "--no-plots")
    assert compare(monkeypatch, *arguments, "--out", tmp_path / "out") == 0
    printed = capsys.readouterr().err
    assert "no face shows anger, neutral" in printed
    assert "images left out: 1 not_an_image" in printed
    assert "images left out: 1" in (tmp_path / "out" / "comparison.md").read_text("utf-8")
    assert compare(monkeypatch, *arguments, "--out", tmp_path / "strict", "--strict") == 1


def test_two_classifiers_of_one_name_are_told_apart(meter: Path) -> None:
    choice = Choice(pipeline=f"retinaface+{meter}+{meter}")
    options = describe(choice, SystemOptions(choice).load()).options
    own = [key for key in options if "meter" in key]
    assert own == ["sha256 of 2, meter", "sha256 of 3, meter"]
