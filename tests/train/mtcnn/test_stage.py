from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from yolo_fer.errors import YoloFerError  # noqa: E402
from yolo_fer.faces.mtcnn.networks import Answer, PNet  # noqa: E402
from yolo_fer.train.mtcnn.bank import Bank, BankFace, Shown  # noqa: E402
from yolo_fer.train.mtcnn.stage import (  # noqa: E402
    StageSchedule,
    StageTrainer,
    Validation,
    load_finished,
    multi_task_losses,
    read_history,
)

SCHEDULE = StageSchedule(epochs=3, batch=16, rate=1e-3, decay=0.5)


def trainer(path: Path, schedule: StageSchedule = SCHEDULE) -> StageTrainer:
    random = np.random.default_rng(0)
    faces = [
        BankFace(
            random.integers(0, 255, (24, 24), dtype=np.uint8),
            np.array([4.0, 3, 20, 22]),
            np.eye(7, dtype=np.float32)[i % 7],
            np.empty((0, 4)),
        )
        for i in range(20)
    ]
    crops = random.integers(0, 255, (30, 12, 12, 3), dtype=np.uint8)
    labels = np.arange(14) % 7
    validation = Validation(crops[:14], np.eye(7, dtype=np.float32)[labels], labels)
    torch.manual_seed(0)
    bank = Bank(faces, len(faces), crops, 12)
    return StageTrainer(PNet(), bank, validation, schedule, torch.device("cpu"), path)


def weights_of(stage: StageTrainer) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in stage.network.state_dict().items()}


def test_the_rate_falls_from_epoch_to_epoch(tmp_path):
    history = trainer(tmp_path / "p.pt").run(lambda epoch: None)

    assert [epoch.rate for epoch in history] == [1e-3, 5e-4, 2.5e-4]


def test_a_training_that_diverges_says_so(tmp_path):
    wild = trainer(tmp_path / "wild.pt", replace(SCHEDULE, rate=1e6))
    with pytest.raises(YoloFerError, match="diverged in epoch"):
        wild.run(lambda epoch: None)


def test_a_training_that_was_killed_ends_as_one_that_was_not(tmp_path):
    whole = trainer(tmp_path / "whole.pt")
    whole.run(lambda epoch: None)

    class Killed(Exception):
        pass

    def kill(epoch):
        if epoch.epoch == 2:
            raise Killed

    with pytest.raises(Killed):
        trainer(tmp_path / "killed.pt").run(kill)
    assert not load_finished(PNet(), tmp_path / "killed.pt")
    again = trainer(tmp_path / "killed.pt")
    again.run(lambda epoch: None)

    assert again.history == whole.history
    expected = weights_of(whole)
    assert all(torch.equal(value, expected[key]) for key, value in weights_of(again).items())
    assert (tmp_path / "killed.csv").read_text() == (tmp_path / "whole.csv").read_text()


def test_a_finished_training_is_not_repeated(tmp_path):
    done = trainer(tmp_path / "p.pt")
    done.run(lambda epoch: None)
    network = PNet()

    assert load_finished(network, tmp_path / "p.pt")
    expected = weights_of(done)
    assert all(torch.equal(v, expected[k]) for k, v in network.state_dict().items())
    assert len(read_history(tmp_path / "p.pt")) == 3


def test_without_progress_it_stops_early_and_keeps_the_best(tmp_path):
    schedule = replace(SCHEDULE, epochs=50, rate=0.0, patience=2)

    history = trainer(tmp_path / "p.pt", schedule).run(lambda epoch: None)

    assert len(history) == 3


def test_pre_training_leaves_the_expression_alone(tmp_path):
    stage = trainer(tmp_path / "p.pt", replace(SCHEDULE, emotion=0.0))
    before = weights_of(stage)

    stage.run(lambda epoch: None)

    after = weights_of(stage)
    assert torch.equal(before["emotion.weight"], after["emotion.weight"])
    assert not torch.equal(before["conv1.weight"], after["conv1.weight"])


def test_box_and_expression_count_for_faces_only_and_detection_where_it_is_judged():
    answer = Answer(torch.zeros(3, 2), torch.ones(3, 4), torch.zeros(3, 7))
    emotions = np.zeros((3, 7), np.float32)
    emotions[0, 2] = 1  # the second is an unlabelled face, the third is none
    shown = Shown(
        np.zeros((3, 12, 12, 3), np.uint8),
        is_face=np.array([True, True, False]),
        is_judged=np.array([False, True, True]),
        offsets=np.zeros((3, 4), np.float32),
        emotions=emotions,
    )

    detection, box, emotion = (float(loss) for loss in multi_task_losses(answer, shown))

    assert detection == pytest.approx(2 * np.log(2))
    assert box == pytest.approx(2 * 4)
    assert emotion == pytest.approx(np.log(7))
