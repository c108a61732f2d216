from __future__ import annotations

import pytest
import torch

from yolo_fer.train.classifier.torch_networks import MeanPool


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 16])
def test_pooling_by_matrices_is_adaptive_pooling(size: int) -> None:
    maps = torch.rand(2, 4, size, size)
    expected = torch.nn.functional.adaptive_avg_pool2d(maps, 7)
    assert torch.allclose(MeanPool(7)(maps), expected, atol=1e-6)
