"""Encoding images: each format holds sides of some length, and a longer one is an error."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images import LONGEST_SIDES, decode, encode


@pytest.mark.parametrize("suffix", LONGEST_SIDES)
def test_a_format_holds_its_longest_side_and_not_a_pixel_more(
    suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    longest = LONGEST_SIDES[suffix]
    image = np.full((1, longest + 1, 3), 90, np.uint8)
    held = decode(encode(image[:, 1:], suffix))
    assert held.shape == (1, longest, 3)
    with pytest.raises(ImageError, match=f"{longest + 1}x1 pixels.*{suffix}.*{longest:,}") as found:
        encode(image, suffix)
    assert found.value.reason == FileFault.IMAGE_TOO_LARGE
    assert capfd.readouterr().err == "", "OpenCV prints nothing"
