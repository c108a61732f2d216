from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.helpers.trained import SCHEDULE, choice_of, write_faces
from yolo_fer import images
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning
from yolo_fer.train.classifier.run import train_classifier
from yolo_fer.train.classifier.torch_networks import build_network
from yolo_fer.two_stage.classifier import Classifier


def test_a_training_learns_to_tell_classes_apart(trained: Path) -> None:
    figures = json.loads((trained / "metrics.json").read_text())
    assert figures["test"]["faces"] == 28
    assert figures["test"]["accuracy"] > 0.6  # guessing gives 1/7
    assert figures["epochs"] == 12


def test_a_training_writes_its_curves_its_confusion_and_a_row_an_epoch(trained: Path) -> None:
    with (trained / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == list(range(1, 13))
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    for picture in ("curves.png", "confusion.png"):
        assert images.read(trained / picture).shape[0] > 300


def _interrupt_after(epoch: int) -> Callable[[str], None]:
    def stop(message: str) -> None:
        if message.startswith(f"epoch {epoch}/"):
            raise KeyboardInterrupt

    return stop


def test_a_killed_training_that_goes_on_ends_with_the_same_weights(
    faces: Path, tmp_path: Path
) -> None:
    # fer-cnn has dropout, whose random numbers must come back, too
    choice = choice_of(faces, "fer-cnn")
    whole = train_classifier(choice, out=tmp_path / "whole", device="cpu")
    with pytest.raises(KeyboardInterrupt):
        train_classifier(
            choice, out=tmp_path / "killed", device="cpu", on_message=_interrupt_after(2)
        )
    killed = train_classifier(choice, out=tmp_path / "killed", resume=True, device="cpu")
    for file in ("results.csv", "weights/best.onnx"):
        assert (whole / file).read_bytes() == (killed / file).read_bytes()


def test_there_is_nothing_to_resume_after_the_end_or_with_other_arguments(
    faces: Path, trained: Path, tmp_path: Path
) -> None:
    with pytest.raises(YoloFerError, match="no unfinished training"):
        train_classifier(choice_of(faces), out=trained, resume=True)
    with pytest.raises(KeyboardInterrupt):
        train_classifier(
            choice_of(faces), out=tmp_path / "run", device="cpu", on_message=_interrupt_after(1)
        )
    with pytest.raises(YoloFerError, match="no unfinished training with these arguments"):
        train_classifier(choice_of(faces, "compact-vgg"), out=tmp_path / "run", resume=True)


def test_a_training_killed_in_its_first_epoch_begins_with_its_starting_weights(
    faces: Path, trained: Path, tmp_path: Path
) -> None:
    short = replace(SCHEDULE, epochs=1)
    choice = choice_of(faces, start=str(trained / "weights" / "best.pt"), schedule=short)
    whole = train_classifier(choice, out=tmp_path / "whole", device="cpu")
    killed = tmp_path / "killed"
    (killed / "weights").mkdir(parents=True)
    (killed / "args.json").write_bytes((whole / "args.json").read_bytes())
    # what is there when the kill falls between the two checkpoints
    (killed / "weights" / "best.pt").write_bytes((whole / "weights" / "best.pt").read_bytes())
    train_classifier(choice, out=killed, resume=True, device="cpu")
    assert (whole / "results.csv").read_bytes() == (killed / "results.csv").read_bytes()


def test_a_training_does_not_go_on_with_other_faces(tmp_path: Path) -> None:
    data = write_faces(tmp_path / "faces", each=5)
    choice = choice_of(data)
    with pytest.raises(KeyboardInterrupt):
        train_classifier(choice, out=tmp_path / "run", device="cpu", on_message=_interrupt_after(1))
    write_faces(data, each=10)
    with pytest.raises(YoloFerError, match="began on other faces"):
        train_classifier(choice, out=tmp_path / "run", resume=True, device="cpu")


def test_a_training_stops_when_validation_does_not_improve(faces: Path, tmp_path: Path) -> None:
    schedule = replace(SCHEDULE, epochs=30, rate=3.0, patience=1)
    folder = train_classifier(choice_of(faces, schedule=schedule), out=tmp_path / "run")
    figures = json.loads((folder / "metrics.json").read_text())
    assert figures["epochs"] < 30


def test_a_class_without_faces_is_told_and_the_rest_is_learnt(tmp_path: Path) -> None:
    data = write_faces(tmp_path / "data", each=10, leave_out=Emotion.DISGUST)
    choice = choice_of(data, schedule=replace(SCHEDULE, epochs=1))
    with pytest.warns(YoloFerWarning, match="no train face shows disgust"):
        folder = train_classifier(choice, out=tmp_path / "run")
    figures = json.loads((folder / "metrics.json").read_text())["test"]
    assert figures["classes"]["disgust"]["recall"] is None
    assert 0 <= figures["macro_f1"] <= 1


def test_a_training_starts_from_the_weights_of_another_but_for_its_classes(
    faces: Path, trained: Path, tmp_path: Path
) -> None:
    eight = choice_of(faces, contempt=True, start=str(trained / "weights" / "best.pt"))
    still = replace(eight, schedule=replace(SCHEDULE, epochs=1, rate=1e-12))
    with pytest.warns(YoloFerWarning, match="contempt"):
        folder = train_classifier(still, out=tmp_path / "run", device="cpu")
    before = torch.load(trained / "weights" / "best.pt", weights_only=True)["network"]
    after = torch.load(folder / "weights" / "best.pt", weights_only=True)["network"]
    assert torch.allclose(before["0.weight"], after["0.weight"])
    assert len(Classifier(folder / "weights" / "best.onnx").names) == 8


def test_starting_weights_of_another_architecture_are_refused(
    faces: Path, trained: Path, tmp_path: Path
) -> None:
    choice = choice_of(faces, "compact-vgg", start=str(trained / "weights" / "best.pt"))
    with pytest.raises(YoloFerError, match="another network than compact-vgg"):
        train_classifier(choice, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_pickle_that_could_run_code_is_refused_as_a_start(faces: Path, tmp_path: Path) -> None:
    torch.save({"network": build_network("fer-cnn", 1, 7)}, tmp_path / "whole.pt")
    with pytest.raises(YoloFerError, match=r"no file of plain PyTorch weights\. Give a best\.pt"):
        train_classifier(choice_of(faces, start=str(tmp_path / "whole.pt")))


def test_an_exported_file_is_refused_as_a_start_and_what_to_give_is_said(
    faces: Path, trained: Path
) -> None:
    exported = str(trained / "weights" / "best.onnx")
    with pytest.raises(YoloFerError, match=r"Give a best\.pt") as caught:
        train_classifier(choice_of(faces, start=exported))
    assert "weights_only" not in str(caught.value)


def test_missing_imagenet_weights_are_named_with_the_remedy(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path))
    with pytest.raises(YoloFerError, match="weights get resnet18-imagenet"):
        train_classifier(choice_of(faces, "resnet18", start=None))


def test_arguments_that_contradict_are_refused(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`size=16`"):
        choice_of(faces, size=16)
    with pytest.raises(UsageError, match="`contempt`"):
        choice_of(tmp_path / "fer2013.csv", contempt=True)
    with pytest.raises(UsageError, match="`arch=lenet`"):
        choice_of(faces, "lenet")


def test_a_training_that_diverges_names_the_rate(faces: Path, tmp_path: Path) -> None:
    schedule = replace(SCHEDULE, rate=1e30)
    with pytest.raises(YoloFerError, match="lower `rate`"):
        train_classifier(choice_of(faces, schedule=schedule), out=tmp_path / "run")


def test_a_training_whose_last_step_diverges_is_no_success(faces: Path, tmp_path: Path) -> None:
    one_step = replace(SCHEDULE, epochs=1, batch=84, rate=1e30)
    choice = choice_of(faces, "fer-cnn", schedule=one_step)
    with pytest.raises(YoloFerError, match="lower `rate`"):
        train_classifier(choice, out=tmp_path / "run", device="cpu")
    assert not list((tmp_path / "run").rglob("best.*"))


def test_too_few_faces_are_an_error(tmp_path: Path) -> None:
    data = write_faces(tmp_path / "data", each=2)  # test and validation faces alone
    with pytest.raises(YoloFerError, match="0 faces are left for train"):
        train_classifier(choice_of(data), out=tmp_path / "run")
    with pytest.raises(YoloFerError, match="does not exist"):
        train_classifier(choice_of(tmp_path / "nowhere"))
