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


def test_a_network_that_is_very_sure_still_gives_numbers() -> None:
    with fast_distances():
        assert torch.isfinite(DFL(8)(torch.full((1, 32, 3), 500.0))).all()


def test_afterwards_the_layer_is_as_it_was() -> None:
    before = DFL.forward
    with pytest.raises(KeyError), fast_distances():
        raise KeyError
    assert DFL.forward is before
