from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from yolo_fer.errors import YoloFerError  # noqa: E402
from yolo_fer.train.loop import Course, train  # noqa: E402
from yolo_fer.train.optimising import Average, Group, adamw  # noqa: E402
from yolo_fer.train.training_files import TrainingFiles, save_atomically  # noqa: E402

COURSE = Course(60, lambda step: 1.0, logged=10, saved=20)
EPOCHS = replace(COURSE, steps=40, saved=10, unit="epoch", lowest="val_loss")


class Line:
    """Batches of a line with noise, each by its number."""

    def __getitem__(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        generator = torch.Generator().manual_seed(step)
        x = torch.rand(16, 1, generator=generator)
        return x, 3 * x - 1 + 0.01 * torch.rand(16, 1, generator=generator)


class Killed(Exception):
    pass


def loss_of(network: Any, batch: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    x, y = batch
    error = (network(x) - y).pow(2).mean()
    return error, {"error": error}


def files_in(folder: Path) -> TrainingFiles:
    folder.mkdir(exist_ok=True)
    return TrainingFiles(folder / "last.pt", folder / "log.csv", folder / "best.pt")


def new_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.1), nn.Linear(8, 1))


def fit(folder: Path, course: Course = COURSE, rate: float = 0.03, **more: Any) -> Any:
    network = new_network()
    optimizer = adamw([Group(list(network.parameters()))], rate, 0.01)
    average = Average(network, 0.9) if course.lowest is None else None
    more |= {"average": average}
    rows = train(network, Line(), loss_of, optimizer, course, files_in(folder), **more)
    return network if average is None else average.network, rows


def same(one: nn.Module, other: nn.Module) -> bool:
    others = other.state_dict()
    return all(torch.equal(value, others[name]) for name, value in one.state_dict().items())


def test_training_learns_and_logs(tmp_path: Path) -> None:
    network, rows = fit(tmp_path, replace(COURSE, steps=205, saved=100))
    network.eval()
    assert network(torch.tensor([[1.0]])).item() == pytest.approx(2.0, abs=0.2)
    assert [row["step"] for row in rows] == [*range(10, 201, 10), 205]
    assert rows[-1]["error"] < rows[0]["error"] / 2
    with files_in(tmp_path).log.open() as file:
        logged = [float(row["error"]) for row in csv.DictReader(file)]
    assert logged == pytest.approx([row["error"] for row in rows], rel=1e-5)


@pytest.mark.parametrize("course", [COURSE, EPOCHS])
def test_a_training_that_was_killed_ends_with_the_same_weights(
    tmp_path: Path, course: Course
) -> None:
    def measure(network: nn.Module, step: int) -> dict[str, float]:
        return {"val_loss": abs(step - 20)}  # best in the middle

    def kill(network: nn.Module, step: int) -> dict[str, float]:
        if step == 40:  # before it is saved, so that an earlier step is what is gone on from
            raise Killed
        return measure(network, step)

    whole, rows = fit(tmp_path / "whole", course, measure=measure)
    with pytest.raises(Killed):
        fit(tmp_path / "killed", course, measure=kill)
    resumed, rows_again = fit(tmp_path / "killed", course, measure=measure, workers=1)
    assert same(whole, resumed)
    assert rows_again == rows
    whole_log, log = (tmp_path / name / "log.csv" for name in ("whole", "killed"))
    assert log.read_bytes() == whole_log.read_bytes()


def test_a_training_that_has_ended_is_only_loaded(tmp_path: Path) -> None:
    before, rows = fit(tmp_path)
    told: list[Any] = []
    again, rows_again = fit(tmp_path, on_saved=told.append)
    assert told == []
    assert same(before, again)
    assert rows_again == rows
    other = new_network()
    assert files_in(tmp_path).load_finished(other) == rows
    assert same(other, before)


def test_the_checkpoint_with_the_lowest_loss_is_kept_and_patience_ends(tmp_path: Path) -> None:
    seen: list[Any] = []

    def measure(network: nn.Module, step: int) -> dict[str, float]:
        seen.append({name: value.clone() for name, value in network.state_dict().items()})
        return {"val_loss": [3.0, 1.0, 2.0, 2.0][len(seen) - 1]}

    network, rows = fit(tmp_path, replace(EPOCHS, steps=1000, patience=2), measure=measure)
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert all(torch.equal(value, seen[1][name]) for name, value in network.state_dict().items())
    assert files_in(tmp_path).load_finished(new_network()) == rows


def test_a_training_that_diverges_is_no_success_and_names_the_rate(tmp_path: Path) -> None:
    def measure(network: nn.Module, step: int) -> dict[str, float]:
        return {"val_loss": float("nan")}

    with pytest.raises(YoloFerError, match=r"by the end of epoch 1, where the rate was 0\.03"):
        fit(tmp_path, EPOCHS, measure=measure)
    assert not files_in(tmp_path).last.exists()
    with pytest.raises(YoloFerError, match=r"by the end of step \d+, .* lower `rate`"):
        fit(tmp_path, rate=1e30)


def test_it_does_not_go_on_with_other_data(tmp_path: Path) -> None:
    fit(tmp_path, data=["a"])
    with pytest.raises(YoloFerError, match="began on other faces"):
        fit(tmp_path, data=["b"])


def test_a_checkpoint_of_another_network_is_refused_by_name(tmp_path: Path) -> None:
    fit(tmp_path)
    files = files_in(tmp_path)
    state = torch.load(files.last, weights_only=True)
    save_atomically(files.last, {**state, "network": nn.Linear(3, 3).state_dict()})
    with pytest.raises(YoloFerError, match=r"last\.pt is damaged, or another version"):
        fit(tmp_path)


def test_gradients_are_cut(tmp_path: Path) -> None:
    begun = new_network().state_dict()
    course = replace(COURSE, steps=10, gradient_norm=1e-3)
    network = new_network()
    plain = torch.optim.SGD(network.parameters(), lr=1.0)
    train(network, Line(), loss_of, plain, course, files_in(tmp_path))
    moved = sum((v - begun[n]).pow(2).sum() for n, v in network.state_dict().items()) ** 0.5
    assert 0 < moved <= 10 * 1e-3 + 1e-6


def test_numbers_are_read_from_the_device_once_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[None] = []
    plain = torch.Tensor.tolist
    monkeypatch.setattr(torch.Tensor, "tolist", lambda self: reads.append(None) or plain(self))

    def watched(network: Any, batch: Any) -> Any:
        for name in ("item", "__float__", "__bool__"):
            monkeypatch.setattr(torch.Tensor, name, lambda self: pytest.fail("a number was read"))
        return loss_of(network, batch)

    network = new_network()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    train(network, Line(), watched, optimizer, COURSE, files_in(tmp_path))
    assert len(reads) == 6


def test_progress_is_shown_from_saving_to_saving(tmp_path: Path) -> None:
    shown: list[tuple[str, int]] = []

    def progress(items: Any, title: str, total: int) -> Any:
        shown.append((title, total))
        return items

    fit(tmp_path / "steps", replace(COURSE, steps=50), progress=progress)
    assert shown == [("step 20", 20), ("step 40", 20), ("step 50", 10)]
    shown.clear()
    fit(tmp_path / "epochs", replace(EPOCHS, steps=20), progress=progress)
    assert shown == [("epoch 1", 10), ("epoch 2", 10)]


def test_the_random_numbers_of_others_go_on_as_before(tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    network = new_network()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    torch.manual_seed(5)
    train(network, Line(), loss_of, optimizer, COURSE, files_in(tmp_path))
    assert torch.equal(torch.rand(3), expected)
