from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.detector.preprocess import Letterbox

SIZES = [(720, 1280), (1080, 810), (320, 320), (1, 1), (1, 3000), (3000, 1), (37, 211), (17, 16)]


def coloured_noise(size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stride", [0, 32])
def test_the_input_is_the_same_as_ultralytics_makes(size: tuple[int, int], stride: int) -> None:
    pytest.importorskip("ultralytics")
    from ultralytics.data.augment import LetterBox

    image = coloured_noise(size)
    theirs = LetterBox((320, 320), auto=bool(stride), stride=32)(image=image)
    ours = Letterbox.fit(size, (320, 320), stride).apply(image)
    assert ours.shape == (1, 3, *theirs.shape[:2])
    assert ours.dtype == np.float32
    expected = theirs[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
    np.testing.assert_allclose(ours, expected, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stride", [0, 32])
def test_the_whole_image_comes_back_exactly(size: tuple[int, int], stride: int) -> None:
    box = Letterbox.fit(size, (320, 320), stride)
    inside = [
        box.left,
        box.top,
        box.left + box.scaled_size[1],
        box.top + box.scaled_size[0],
    ]
    back = box.invert(np.array([inside], float))
    np.testing.assert_allclose(back, [[0, 0, size[1], size[0]]], atol=1e-9)


def test_a_network_of_any_size_gets_a_rectangle_padded_to_the_stride() -> None:
    assert Letterbox.fit((720, 1280), (320, 320), 32).input_size == (192, 320)
    assert Letterbox.fit((720, 1280), (320, 320), 0).input_size == (320, 320)


def test_the_image_itself_is_not_changed() -> None:
    image = coloured_noise((64, 48))
    before = image.copy()
    Letterbox.fit((64, 48), (64, 64), 0).apply(image)
    np.testing.assert_array_equal(image, before)
