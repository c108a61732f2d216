from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from yolo_fer.train.detector.options import TrainOptions
from yolo_fer.train.detector.recipes import Yofo


def test_the_paper_trains_14000_iterations_of_64_images() -> None:
    settings = Yofo().settings(train_images=64_000)
    assert settings["epochs"] == 14
    assert (settings["batch"], settings["imgsz"], settings["optimizer"]) == (64, 416, "SGD")
    assert (settings["lr0"], settings["momentum"]) == (0.001, 0.9)
    assert settings["weight_decay"] == 0.0005
    assert settings["fraction"] == 1.0


def test_a_set_larger_than_the_training_is_cut_to_one_epoch_of_14000_iterations() -> None:
    settings = Yofo().settings(train_images=64 * 28_000)
    assert settings["epochs"] == 1
    assert settings["fraction"] == 0.5


@pytest.mark.parametrize(
    ("iteration", "factor"),
    [(0, 1), (11_199, 1), (11_200, 0.1), (12_599, 0.1), (12_600, 0.01), (13_999, 0.01)],
)
def test_the_learning_rate_is_cut_at_11200_and_12600(iteration: int, factor: float) -> None:
    assert Yofo().rate(iteration) == pytest.approx(factor)


@pytest.mark.slow
def test_the_recipe_trains_a_yolov3_tiny_with_the_rates_cut_on_time(
    drawn_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ultralytics")
    from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
    from yolo_fer.train.detector import trainer
    from yolo_fer.train.detector import training as run

    import_ultralytics("a test")
    short = Yofo(iterations=12, batch=4, cuts=(6, 9), warmup=2)
    monkeypatch.setattr(run, "Yofo", lambda: short)
    monkeypatch.setattr(trainer.YofoTrainer, "recipe", short)
    rates: list[float] = []
    step = trainer.YofoTrainer.optimizer_step

    def recording(self: Any) -> None:
        rates.append(self.optimizer.param_groups[0]["lr"])
        step(self)

    monkeypatch.setattr(trainer.YofoTrainer, "optimizer_step", recording)
    settings = {"project": str(tmp_path), "imgsz": 64, "plots": False}
    folder = run.train(drawn_set, TrainOptions(recipe="yofo", device="cpu", settings=settings))
    assert rates[2:6] == pytest.approx([0.001] * 4)
    assert rates[6:9] == pytest.approx([0.0001] * 3)
    assert rates[9:12] == pytest.approx([0.00001] * 3)
    assert "yolov3-tiny.yaml" in (folder / "args.yaml").read_text()
