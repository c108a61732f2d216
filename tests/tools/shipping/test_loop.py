from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tools.shipping.loop import Schedule, train
from yolo_fer.train.optimising import Group


class Ones:
    """The same batch at every step."""

    def __getitem__(self, step: int) -> torch.Tensor:
        return torch.ones(4, 1)


def loss_of(network: Any, batch: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    error = (network(batch) - 2).pow(2).mean()
    return error, {"error": error, "half": error / 2}


def fit(folder: Path, schedule: Schedule) -> list[int]:
    torch.manual_seed(0)
    network = nn.Linear(1, 1)
    saved: list[int] = []
    train(
        network,
        Ones(),
        loss_of,
        [Group([network.weight]), Group([network.bias], 2.0)],
        schedule,
        folder,
        on_saving=lambda average, step: saved.append(step),
    )
    return saved


def test_the_rate_rises_and_falls() -> None:
    course = Schedule(steps=1000).course()
    shares = [course.factor(step) for step in range(1000)]
    top = shares.index(max(shares))
    assert 100 < top < 200
    assert shares[:top] == sorted(shares[:top])
    assert shares[top:] == sorted(shares[top:], reverse=True)
    assert shares[-1] == pytest.approx(0.01, abs=0.001)


def test_the_parts_of_the_loss_are_logged_every_fifty_steps(tmp_path: Path) -> None:
    saved = fit(tmp_path, Schedule(steps=220, rate=0.02, save_every=100))
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["50", "100", "150", "200", "220"]
    assert saved == [100, 200, 220]
    errors = [float(row["error"]) for row in rows]
    assert errors == sorted(errors, reverse=True)
    assert [float(row["half"]) for row in rows] == pytest.approx([e / 2 for e in errors], rel=1e-4)


def test_a_trial_of_a_few_steps_is_saved_at_its_end(tmp_path: Path) -> None:
    assert fit(tmp_path, Schedule(steps=3)) == [3]
    assert (tmp_path / "state.pt").exists()
