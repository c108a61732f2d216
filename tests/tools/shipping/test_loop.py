from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tools.shipping.loop import Group, Schedule, train

SCHEDULE = Schedule(steps=60, rate=0.05, save_every=20)


class Numbers(torch.utils.data.Dataset[Any]):
    """Batches of a line with noise, each by its number."""

    def __getitem__(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        generator = torch.Generator().manual_seed(step)
        x = torch.rand(16, 1, generator=generator)
        return x, 3 * x - 1 + 0.01 * torch.rand(16, 1, generator=generator)


def loss_of(network: Any, batch: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    x, y = batch
    loss = (network(x) - y).pow(2).mean()
    return loss, {"error": loss.detach()}


def fit(folder: Path, schedule: Schedule = SCHEDULE, **more: Any) -> nn.Module:
    torch.manual_seed(0)
    network = nn.Linear(1, 1)
    groups = [Group([network.weight]), Group([network.bias], 2.0)]
    return train(network, Numbers(), loss_of, groups, schedule, folder, **more)


def test_the_rate_rises_and_falls() -> None:
    schedule = Schedule(steps=1000, rate=1.0)
    rates = [schedule.rate_at(step) for step in range(1000)]
    top = rates.index(max(rates))
    assert 100 < top < 200
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=0.001)


def test_training_learns_and_logs(tmp_path: Path) -> None:
    network = fit(tmp_path, Schedule(steps=300, rate=0.1, average=0.95))
    assert network(torch.tensor([[1.0]])).item() == pytest.approx(2.0, abs=0.1)
    header, *rows = (tmp_path / "log.csv").read_text().splitlines()
    assert header == "step,error"
    assert [row.split(",")[0] for row in rows] == ["50", "100", "150", "200", "250", "300"]
    assert float(rows[-1].split(",")[1]) < float(rows[0].split(",")[1])


def test_a_training_that_was_killed_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole = fit(tmp_path / "whole")

    class Killed(Exception):
        pass

    def kill(network: nn.Module, step: int) -> None:
        if step == 40:  # before it is saved, so that step 20 is what is gone on from
            raise Killed

    with pytest.raises(Killed):
        fit(tmp_path / "killed", on_saving=kill)
    resumed = fit(tmp_path / "killed", workers=1)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_a_training_that_has_ended_is_only_loaded(tmp_path: Path) -> None:
    before = fit(tmp_path)
    saved: list[int] = []
    again = fit(tmp_path, on_saving=lambda network, step: saved.append(step))
    assert saved == []
    assert torch.equal(before.state_dict()["weight"], again.state_dict()["weight"])
