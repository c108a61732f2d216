from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from yolo_fer.errors import YoloFerError  # noqa: E402
from yolo_fer.train.training_files import TrainingFiles  # noqa: E402


@pytest.fixture
def files(tmp_path: Path) -> TrainingFiles:
    return TrainingFiles(tmp_path / "last.pt", tmp_path / "log.csv", tmp_path / "best.pt")


def test_a_training_comes_back_as_it_was_saved(files: TrainingFiles) -> None:
    network, other, rows = nn.Linear(2, 2), nn.Linear(2, 2), [{"epoch": 1, "loss": 0.1}]
    assert files.restore({"network": other}) == {}
    files.save({"network": network}, data=["hash"], step=7, rows=rows)
    state = files.restore({"network": other}, ["hash"])
    assert (state["step"], state["rows"]) == (7, rows)
    assert torch.equal(network.weight, other.weight)


def write_other_format(path: Path) -> None:
    torch.save({"step": 7, "network": {}, "optimizer": {}}, path)


def write_later_format(path: Path) -> None:
    torch.save({"format": 99}, path)


def write_text(path: Path) -> None:
    path.write_text("no checkpoint")


def write_half(path: Path) -> None:
    torch.save({"format": 1, "step": torch.zeros(1000)}, path)
    path.write_bytes(path.read_bytes()[:2000])


def write_nothing(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    "write", [write_other_format, write_later_format, write_text, write_half, write_nothing]
)
def test_a_checkpoint_that_is_stale_or_damaged_is_refused_by_name(
    files: TrainingFiles, write: Any
) -> None:
    write(files.last)
    match = r"last\.pt is damaged, or another .* remove it"
    with pytest.raises(YoloFerError, match=match):
        files.load_finished(nn.Linear(1, 1))
    with pytest.raises(YoloFerError, match=match):
        files.restore({"network": nn.Linear(1, 1)})


def test_the_best_network_comes_back(files: TrainingFiles) -> None:
    network, other = nn.Linear(2, 2), nn.Linear(2, 2)
    files.write_best(network)
    files.load_best(other)
    assert torch.equal(network.weight, other.weight)


def test_only_a_finished_training_is_loaded_as_finished(files: TrainingFiles) -> None:
    network, other = nn.Linear(2, 2), nn.Linear(2, 2)
    files.write_best(network)
    files.save({}, over=False, rows=[{"epoch": 1}])
    assert files.load_finished(other) == []
    assert not torch.equal(network.weight, other.weight)
    files.save({}, over=True, rows=[{"epoch": 1}])
    assert files.load_finished(other) == [{"epoch": 1}]
    assert torch.equal(network.weight, other.weight)


def test_rows_of_a_log_may_lack_columns(files: TrainingFiles) -> None:
    files.write_log([{"step": 50, "loss": 0.123456789}, {"step": 100, "loss": 7, "right": 0.5}])
    assert files.log.read_text() == "step,loss,right\n50,0.123457,\n100,7,0.5\n"
