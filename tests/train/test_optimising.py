from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from yolo_fer.train.optimising import Average, Group, adamw, cosine  # noqa: E402


def test_weights_decay_and_biases_do_not_and_each_group_has_its_rate() -> None:
    first, second = nn.Linear(3, 2), nn.Linear(2, 1)
    groups = [Group(list(first.parameters())), Group([second.weight], 5.0), Group([])]
    settings = adamw(groups, 0.1, 0.02).param_groups
    assert [(g["lr"], g["weight_decay"]) for g in settings] == [(0.1, 0.02), (0.1, 0), (0.5, 0.02)]
    assert settings[1]["params"] == [first.bias]


def test_the_cosine_rises_evenly_and_ends_near_a_hundredth() -> None:
    shares = [cosine(step, 1000, 50) for step in range(1000)]
    assert shares[0] == pytest.approx(1 / 50, rel=0.01)
    assert shares.index(max(shares)) == 49
    assert shares[50:] == sorted(shares[50:], reverse=True)
    assert shares[-1] == pytest.approx(0.01, abs=1e-4)
    assert cosine(0, 1, 1) == 1


def test_a_young_average_follows_and_an_old_one_keeps() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = Average(network, 0.99)
    nn.init.ones_(network.weight)
    average.update(network)
    assert average.network.weight.item() > 0.9
    nn.init.zeros_(network.weight)
    average.steps += 100_000
    before = average.network.weight.item()
    average.update(network)
    assert average.network.weight.item() == pytest.approx(0.99 * before)
    assert network.weight.item() == 0
