from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.images.fitting import fit_into, shrink


@pytest.mark.parametrize("shape", [(10, 40), (40, 10), (300, 200), (1, 5000)])
def test_an_image_fits_into_any_size_in_the_middle(shape: tuple[int, int]) -> None:
    fitted = fit_into(np.full((*shape, 3), 200, np.uint8), (60, 30), grey=0)
    assert fitted.shape == (30, 60, 3)
    inside = (fitted == 200).all(axis=2)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    assert inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    assert abs(rows[0] - (29 - rows[-1])) <= 1
    assert abs(columns[0] - (59 - columns[-1])) <= 1
    assert fitted.sum() == 600 * inside.sum(), "the rest is black"


def test_an_image_is_scaled_down_and_never_up() -> None:
    image = np.zeros((30, 60, 3), np.uint8)
    smaller, scale = shrink(image, 20)
    assert (smaller.shape, scale) == ((10, 20, 3), 1 / 3)
    same, scale = shrink(image, 60)
    assert same is image
    assert scale == 1
    assert shrink(np.zeros((1, 900, 3), np.uint8), 9)[0].shape == (1, 9, 3), "no side is empty"
