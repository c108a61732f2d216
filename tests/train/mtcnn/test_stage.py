from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from yolo_fer.crops.crop_set import Crops  # noqa: E402
from yolo_fer.emotions import EMOTION_NAMES  # noqa: E402
from yolo_fer.errors import YoloFerError  # noqa: E402
from yolo_fer.faces.mtcnn.networks import Answer, PNet  # noqa: E402
from yolo_fer.train.mtcnn.bank import Bank, BankFace, Shown  # noqa: E402
from yolo_fer.train.mtcnn.stage import (  # noqa: E402
    StageSchedule,
    cut_faces,
    multi_task_losses,
    train_stage,
)
from yolo_fer.train.training_files import TrainingFiles  # noqa: E402

SCHEDULE = StageSchedule(epochs=3, batch=16, rate=1e-3, decay=0.5)


def files(folder: Path) -> TrainingFiles:
    folder.mkdir(exist_ok=True)
    return TrainingFiles(folder / "last.pt", folder / "log.csv", folder / "best.pt")


def fit(
    folder: Path,
    schedule: StageSchedule = SCHEDULE,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> tuple[Any, Any, Any]:
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
    validation = Crops(crops[:14], np.eye(7, dtype=np.float32)[labels], labels, EMOTION_NAMES)
    torch.manual_seed(0)
    network, bank = PNet(), Bank(faces, len(faces), crops, 12)
    begun = {key: value.clone() for key, value in network.state_dict().items()}
    device = torch.device("cpu")
    rows = train_stage(network, bank, validation, schedule, device, files(folder), on_epoch)
    return begun, network.state_dict(), rows


def same(some: Mapping[str, torch.Tensor], others: Mapping[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, others[key]) for key, value in some.items())


def test_the_rate_falls_from_epoch_to_epoch(tmp_path: Path) -> None:
    _, _, rows = fit(tmp_path)

    assert [row["rate"] for row in rows] == [1e-3, 5e-4, 2.5e-4]


def test_the_rate_rises_over_the_first_epoch() -> None:
    assert [SCHEDULE.factor(step, 4) for step in range(6)] == [0.25, 0.5, 0.75, 1, 0.5, 0.5]


def test_a_training_that_diverges_says_so(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match="diverged by the end of epoch"):
        fit(tmp_path, replace(SCHEDULE, rate=1e6))


def test_a_training_that_was_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    _, whole, rows = fit(tmp_path / "whole")

    class Killed(Exception):
        pass

    def kill(epoch: int) -> None:
        if epoch["epoch"] == 2:
            raise Killed

    with pytest.raises(Killed):
        fit(tmp_path / "killed", on_epoch=kill)
    assert not files(tmp_path / "killed").load_finished(PNet())
    _, resumed, rows_again = fit(tmp_path / "killed")

    assert rows_again == rows
    assert same(resumed, whole)
    assert (tmp_path / "killed/log.csv").read_text() == (tmp_path / "whole/log.csv").read_text()


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    _, done, rows = fit(tmp_path)
    network = PNet()

    assert files(tmp_path).load_finished(network) == rows
    assert same(network.state_dict(), done)


def test_without_progress_it_stops_early_and_keeps_the_best(tmp_path: Path) -> None:
    begun, kept, rows = fit(tmp_path, replace(SCHEDULE, epochs=50, rate=0.0, patience=2))

    assert len(rows) == 3
    assert same(kept, begun)


def test_pre_training_leaves_the_expression_alone_and_ends_with_the_last_epoch(
    tmp_path: Path,
) -> None:
    schedule = replace(SCHEDULE, emotion=0.0, patience=1)
    begun, trained, rows = fit(tmp_path, schedule)

    assert len(rows) == 3
    assert torch.equal(begun["emotion.weight"], trained["emotion.weight"])
    assert not torch.equal(begun["conv1.weight"], trained["conv1.weight"])


def test_faces_are_cut_at_their_boxes_and_without_where_they_usually_are() -> None:
    grey = np.arange(48, dtype=np.uint8).repeat(48).reshape(1, 1, 48, 48)
    faces = Crops(grey, np.eye(7, dtype=np.float32)[:1], np.zeros(1, np.intp), EMOTION_NAMES)

    cut = cut_faces(faces, np.array([[0.0, 0, 24, 24]]), 12)
    usual = cut_faces(faces, None, 12)

    assert cut.pixels.shape == usual.pixels.shape == (1, 12, 12, 3)
    assert cut.pixels.max() < 24 < usual.pixels.max()


def test_box_and_expression_count_for_faces_only_and_detection_where_it_is_judged() -> None:
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
