from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from yolo_fer.crops.crop_set import Crops  # noqa: E402
from yolo_fer.train.epochs import EpochBatches, measure_naming  # noqa: E402


def batches(seed: int = 0) -> EpochBatches:
    def make(rows: Any, random: np.random.Generator) -> tuple[list[int], float]:
        return rows.tolist(), random.random()

    return EpochBatches(lambda random: random.permutation(10), make, 3, 4, (seed,))


def test_an_epoch_shows_every_row_once_in_an_order_of_its_own() -> None:
    seen = [batches()[step][0] for step in range(6)]
    first, second = (seen[i] + seen[i + 1] + seen[i + 2] for i in (0, 3))
    assert [len(rows) for rows in seen] == [4, 4, 2, 4, 4, 2]
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second


def test_a_batch_follows_from_seed_and_step_alone() -> None:
    forwards, backwards = batches(), batches()
    assert [forwards[s] for s in range(7)] == [backwards[s] for s in range(6, -1, -1)][::-1]
    assert batches(1)[0] != forwards[0]
    assert len({forwards[step][1] for step in range(7)}) == 7


def test_naming_is_measured_over_all_faces() -> None:
    pixels = np.tile([0, 1, 2], 200).astype(np.uint8)
    answers = torch.tensor([[2.0, 0.0], [0.0, 3.0], [1.0, 0.0]])
    labels = np.tile([0, 1, 1], 200)
    crops = Crops(pixels, np.eye(2, dtype=np.float32)[labels], labels, ("no", "yes"))
    network = nn.Linear(1, 1).train()
    row = measure_naming(network, lambda part: answers[torch.from_numpy(part).long()], crops)
    assert row["val_accuracy"] == pytest.approx(2 / 3)
    expected = (np.log1p(np.exp(-2)) + np.log1p(np.exp(-3)) + np.log1p(np.exp(1))) / 3
    assert row["val_loss"] == pytest.approx(expected, rel=1e-5)
    assert not network.training
