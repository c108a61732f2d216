from __future__ import annotations

import numpy as np
import pytest
from yolo_fer.faces.shrinking import shrink


def test_an_image_is_scaled_down_to_its_longer_side() -> None:
    for shape, seen in (((300, 600, 3), (50, 100, 3)), ((600, 300, 3), (100, 50, 3))):
        small, scale = shrink(np.full(shape, 90, np.uint8), 100)
        assert small.shape == seen
        assert scale == pytest.approx(1 / 6)
        assert (small == 90).all()


@pytest.mark.parametrize("side", [99, 100])
def test_a_small_image_stays_as_it_is(side: int) -> None:
    image = np.full((40, side, 3), 90, np.uint8)
    seen, scale = shrink(image, 100)
    assert seen is image
    assert scale == 1


def test_a_line_keeps_a_pixel() -> None:
    assert shrink(np.full((1, 5000, 3), 90, np.uint8), 100)[0].shape == (1, 100, 3)
