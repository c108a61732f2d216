from __future__ import annotations

import csv
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images import encode_jpeg
from yolo_fer.train.detector.options import TrainOptions
from yolo_fer.train.detector.training import train
from yolo_fer.weights.store import resolve

pytest.importorskip("ultralytics")

SMALL = {"imgsz": 64, "batch": 4, "epochs": 1, "plots": False, "mosaic": 0.0}


@pytest.fixture(scope="module")
def run(drawn_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("runs")
    return train(
        drawn_set,
        TrainOptions(start="none", device="cpu", settings=SMALL | {"project": str(project)}),
    )


def test_a_run_folder_follows_ultralytics(run: Path) -> None:
    assert run.name == "train"
    arguments = yaml.safe_load((run / "args.yaml").read_text())
    assert (arguments["imgsz"], arguments["optimizer"]) == (64, "AdamW")
    assert (run / "results.csv").is_file()
    assert {p.name for p in (run / "weights").iterdir()} == {"best.pt", "last.pt"}


def test_the_weights_predict_and_hold_the_seven_names(run: Path) -> None:
    from ultralytics.nn.tasks import torch_safe_load

    from yolo_fer.detector import Detector
    from yolo_fer.emotions import EMOTION_NAMES

    checkpoint, _ = torch_safe_load(str(run / "weights" / "best.pt"), safe_only=True)
    assert tuple(checkpoint["model"].names.values()) == EMOTION_NAMES
    assert type(checkpoint["model"]).__module__ == "ultralytics.nn.tasks", "bare yolo must load it"
    assert Detector(run / "weights" / "best.pt").imgsz == 64


def test_bf16_is_used_where_the_cpu_computes_in_it(run: Path) -> None:
    from yolo_fer.train.device import best_precision

    arguments = yaml.safe_load((run / "args.yaml").read_text())
    assert arguments["amp"] == best_precision("cpu")


def test_start_weights_are_transferred(run: Path, drawn_set: Path, tmp_path: Path) -> None:
    from ultralytics.nn.tasks import torch_safe_load

    best = run / "weights" / "best.pt"
    # With a learning rate of nothing the result is what it started from.
    settings = SMALL | {"project": str(tmp_path), "lr0": 0.0, "warmup_epochs": 0.0, "name": 5}
    again = train(drawn_set, TrainOptions(start=str(best), device="cpu", settings=settings))
    assert again == tmp_path / "5"  # what the command line makes of name=5
    first, second = (
        torch_safe_load(str(p), safe_only=True)[0]["model"].model[0].conv.weight.float()
        for p in (best, again / "weights" / "last.pt")
    )
    assert (first - second).abs().max() < 1e-3


def test_the_default_network_has_its_heads_and_starts_from_the_shipped_weights(
    drawn_set: Path, tmp_path: Path
) -> None:
    from ultralytics.nn.tasks import torch_safe_load

    settings = SMALL | {"project": str(tmp_path), "lr0": 0.0, "warmup_epochs": 0.0}
    last = train(drawn_set, TrainOptions(device="cpu", settings=settings)) / "weights" / "last.pt"
    trained, shipped = (
        torch_safe_load(str(path), safe_only=True)[0]["model"]
        for path in (last, resolve("yolo-fer-n.pt"))
    )
    assert trained.stride.tolist() == [8.0, 16.0, 32.0]
    for layer in (0, 10, 13):  # the first, the last of the backbone, the one behind it
        ours, theirs = (
            next(network.model[layer].parameters()).float() for network in (trained, shipped)
        )
        assert (ours - theirs).abs().max() < 1e-3


def test_who_asks_for_a_line_behind_each_epoch_gets_it_in_place_of_the_log(
    drawn_set: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    settings = SMALL | {"project": str(tmp_path), "epochs": 2}
    train(
        drawn_set, TrainOptions(start="none", device="cpu", settings=settings), on_epoch=said.append
    )
    assert [line.partition(":")[0] for line in said] == ["epoch 1 of 2", "epoch 2 of 2"]
    shown = capfd.readouterr()
    assert "GFLOPs" not in shown.out + shown.err
    assert "━" not in shown.out + shown.err


def test_wrong_settings_recipes_networks_and_data_are_named(
    drawn_set: Path, tmp_path: Path
) -> None:
    project = {"project": str(tmp_path)}
    with pytest.raises(UsageError, match="lr00"):
        train(drawn_set, TrainOptions(start="none", settings=project | {"lr00": 1}))
    with pytest.raises(UsageError, match="yofo"):
        train(drawn_set, TrainOptions(recipe="yolo"))
    with pytest.raises(UsageError, match="nonsense"):
        train(drawn_set, TrainOptions(model="nonsense", start="none", settings=project))
    with pytest.raises(YoloFerError, match="names an emotion"):
        data = tmp_path / "cats.yaml"
        data.write_text("train: images\nval: images\nnames: [cat, dog]\n")
        train(data)
    with pytest.raises(YoloFerError, match=r"missing\.yaml cannot be read"):
        train(tmp_path / "missing.yaml")
    with pytest.raises(YoloFerError, match="no unfinished run"):
        train(drawn_set, TrainOptions(resume=True, settings=project))


@pytest.mark.parametrize("text", ["", "[]", '{"data": 1}', '{"data": "a", "data": "b"}'])
def test_a_run_whose_note_is_damaged_is_not_gone_on_with(
    drawn_set: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "runs" / "train").mkdir(parents=True)
    (tmp_path / "runs" / "train" / "yolo_fer.json").write_text(text)
    with pytest.raises(YoloFerError, match="no unfinished run"):
        train(drawn_set, TrainOptions(resume=True, settings={"project": str(tmp_path / "runs")}))


def test_the_code_of_a_download_entry_is_never_run(tmp_path: Path) -> None:
    data = tmp_path / "data.yaml"
    data.write_text(
        "train: images\nval: missing\nnames: {0: happy}\n"
        f"download: import os; os.mkdir({str(tmp_path / 'evil')!r})\n"
    )
    with pytest.raises(YoloFerError, match="missing"):
        train(data, TrainOptions(start="none"))
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("train_split", "val_split", "message"),
    [
        ("images/train", "images/empty", "no val image"),
        ("images/nowhere", "images/train", "no train image"),
        ("images/train", "images/train", "label file"),
    ],
)
def test_a_split_without_images_or_labels_is_named(
    tmp_path: Path, train_split: str, val_split: str, message: str
) -> None:
    for folder in ("train", "empty"):
        (tmp_path / "images" / folder).mkdir(parents=True)
    image = tmp_path / "images" / "train" / "a.jpg"
    image.write_bytes(encode_jpeg(np.full((64, 64, 3), 90, np.uint8)))
    if "label" not in message:
        (tmp_path / "labels" / "train").mkdir(parents=True)
        (tmp_path / "labels" / "train" / "a.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    data = tmp_path / "data.yaml"
    data.write_text(f"train: {train_split}\nval: {val_split}\nnames: {{0: happy}}\n")
    with pytest.raises(YoloFerError, match=message):
        train(data, TrainOptions(start="none"))


@pytest.mark.parametrize(
    ("label", "cause"),
    [
        ("0 0.5 0.5 0.5 0.5 0.9\n", "6 columns; a label has 5"),
        ("0,0.5,0.5,0.5,0.5\n", "write spaces, not commas"),
        ("0 0.5 0.5 0.5 0.5\n7 0.5 0.5 0.5 0.5\n", "no such class"),
        ("", "no train image has a label file with nothing but faces"),
    ],
)
def test_labels_of_which_none_can_be_used_are_explained(
    tmp_path: Path, label: str, cause: str
) -> None:
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(encode_jpeg(np.full((64, 64, 3), 90, np.uint8)))
    (tmp_path / "labels" / "a.txt").write_text(label)
    data = tmp_path / "data.yaml"
    data.write_text("train: images\nval: images\nnames: {0: happy}\n")
    with pytest.raises(YoloFerError) as error:
        train(data, TrainOptions(start="none"))
    assert cause in str(error.value)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("/home/somebody/images/a.jpg", "path of another machine"),
        (r"images\\a.jpg", "backslashes"),
    ],
)
def test_lists_of_images_that_are_not_here_are_explained(
    tmp_path: Path, line: str, cause: str
) -> None:
    (tmp_path / "list.txt").write_text(f"{line}\n")
    data = tmp_path / "data.yaml"
    data.write_text("train: list.txt\nval: list.txt\nnames: {0: happy}\n")
    with pytest.raises(YoloFerError, match="there is no train image") as error:
        train(data, TrainOptions(start="none"))
    assert cause in str(error.value)


def test_a_training_that_breaks_off_says_so_in_one_line(
    drawn_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ultralytics.models.yolo.detect import DetectionTrainer

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "results.csv")

    monkeypatch.setattr(DetectionTrainer, "train", full)
    with pytest.raises(YoloFerError, match=r"training in .* broke off: .*No space left"):
        train(drawn_set, TrainOptions(start="none", settings=SMALL | {"project": str(tmp_path)}))


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("evil was here",)


def test_a_malicious_checkpoint_is_not_run(
    drawn_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = tmp_path / "bad.pt"
    bad.write_bytes(pickle.dumps({"model": Evil()}))
    for arguments in ({"model": str(bad)}, {"start": str(bad)}):
        with pytest.raises(YoloFerError, match="trust_weights"):
            train(drawn_set, TrainOptions(**arguments))
    assert not (tmp_path / "evil was here").exists()


def test_a_jpeg_that_ultralytics_would_rewrite_is_refused_and_stays(tmp_path: Path) -> None:
    for split in ("train", "val"):
        (tmp_path / "images" / split).mkdir(parents=True)
        (tmp_path / "labels" / split).mkdir(parents=True)
    for label in ("train/cut.txt", "val/whole.txt"):
        (tmp_path / "labels" / label).write_text("0 0.5 0.5 0.5 0.5\n")
    image = np.full((64, 64, 3), 90, np.uint8)
    cut = encode_jpeg(image)[:-2]
    (tmp_path / "images" / "train" / "cut.jpg").write_bytes(cut)
    (tmp_path / "images" / "val" / "whole.jpg").write_bytes(encode_jpeg(image))
    data = tmp_path / "data.yaml"
    data.write_text("train: images/train\nval: images/val\nnames: {0: happy}\n")
    with pytest.raises(YoloFerError, match=r"cut\.jpg"):
        train(data, TrainOptions(start="none"))
    assert (tmp_path / "images" / "train" / "cut.jpg").read_bytes() == cut


@pytest.mark.slow
def test_a_killed_training_is_resumed(drawn_set: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "yolo_fer", "train", str(drawn_set)]
    settings = ["imgsz=64", "batch=4", "epochs=4", "plots=False", "project=runs", "workers=0"]
    process = subprocess.Popen(
        [*command, *settings, "--start", "none", "--device", "cpu"], cwd=tmp_path
    )
    last = tmp_path / "runs" / "train" / "weights" / "last.pt"
    deadline = time.monotonic() + 120
    while not last.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert last.exists()
    subprocess.run([*command, "project=runs", "--resume"], cwd=tmp_path, check=True)
    with (tmp_path / "runs" / "train" / "results.csv").open() as file:
        epochs = [int(row["epoch"]) for row in csv.DictReader(file)]
    assert epochs == [1, 2, 3, 4]
    assert [p.name for p in (tmp_path / "runs").iterdir()] == ["train"]
    finished = subprocess.run(
        [*command, "project=runs", "--resume"], cwd=tmp_path, capture_output=True, text=True
    )
    assert finished.returncode == 1
    assert "no unfinished run" in finished.stderr


@pytest.mark.parametrize("model", ["rtdetr-l", "yolo11n-seg", "yolo11n-pose", "yolo11n-cls"])
def test_a_network_whose_boxes_nobody_here_reads_is_not_trained(
    drawn_set: Path, model: str
) -> None:
    with pytest.raises(UsageError, match="its head is that of"):
        train(drawn_set, TrainOptions(model=model, start="none", device="cpu"))
