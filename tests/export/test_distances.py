from __future__ import annotations

import pytest
import torch
from ultralytics.nn.modules.block import DFL

from yolo_fer.export.distances import fast_distances


@pytest.mark.parametrize("bins", [8, 16])
def test_distances_are_those_of_ultralytics(bins: int) -> None:
    layer, logits = DFL(bins), 6 * torch.randn(2, 4 * bins, 50)
    usual = layer(logits)
    with fast_distances():
        torch.testing.assert_close(layer(logits), usual, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bins", [8, 16])
@pytest.mark.parametrize("numbers", [torch.float16, torch.float32])
def test_a_network_that_is_very_sure_still_gives_distances(bins: int, numbers: torch.dtype) -> None:
    logits = 60 * (2 * torch.rand(2, 4 * bins, 50) - 1)
    logits[0, :, :3] = 60  # all bins alike
    logits[1, :, :3] = -500
    logits[1, 1, 3:] = 500
    logits = logits.to(numbers)
    usual = DFL(bins)(logits.float())
    with fast_distances():
        found = DFL(bins).to(numbers)(logits)
    assert torch.isfinite(found).all()
    torch.testing.assert_close(found.float(), usual, rtol=2e-3, atol=2e-3)


def test_afterwards_the_layer_is_as_it_was() -> None:
    before = DFL.forward
    with pytest.raises(KeyError), fast_distances():
        raise KeyError
    assert DFL.forward is before
