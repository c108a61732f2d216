"""Finding images that show the same picture, so that no copy of a test image is trained on."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

HASH_SIDE = 16
HASH_BYTES = HASH_SIDE**2 // 8
# Measured on 4,328 images of ExpW: all pairs but one that differ in 62 to 68 bits are copies,
# scaled, recompressed, watermarked, captioned or slightly cropped. From 74 on, copies mix with
# pictures of other people. A wrong pair costs nothing but that both come into the same split.
NEAR = 68
_PIXELS_SIDE = 4 * HASH_SIDE


def _lowest_cosines() -> NDArray[np.float64]:
    """Return the (16, 64) matrix of an unnormalised DCT-II that gives the lowest frequencies."""
    frequency, pixel = np.arange(HASH_SIDE)[:, None], np.arange(_PIXELS_SIDE)[None]
    cosines = 2 * np.cos(np.pi * frequency * (2 * pixel + 1) / (2 * _PIXELS_SIDE))
    return np.asarray(cosines, dtype=np.float64)


_COSINES = _lowest_cosines()


def perceptual_hash(grey: NDArray[np.uint8]) -> bytes:
    """Return the 256-bit DCT hash of a (height, width) image (pHash; Zauner 2010).

    The bits are those of `imagehash.phash(image, hash_size=16)` on an image that OpenCV shrank.
    ImageHash itself takes longer than all else that is done to an image, and would bring SciPy into
    every worker.
    """
    low: NDArray[Any] = _COSINES @ _shrink(grey) @ _COSINES.T
    return np.packbits(low > np.median(low)).tobytes()


def _shrink(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scale an image to 64x64 pixels.

    OpenCV halves very fast, but averages areas of any other size slower than it decodes a JPEG:
    four pixels or fewer are interpolated to one, and the rest is halving.
    """
    side = 2 * _PIXELS_SIDE
    while 4 * side <= min(grey.shape):
        side *= 2
    small = cv2.resize(grey, (side, side), interpolation=cv2.INTER_LINEAR)
    while side > _PIXELS_SIDE:
        side //= 2
        small = cv2.resize(small, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def hash_table(hashes: bytes | bytearray) -> NDArray[np.uint8]:
    """Return hashes that follow each other as (N, 32) bytes, without a copy."""
    return np.frombuffer(hashes, np.uint8).reshape(-1, HASH_BYTES)


def join(groups: NDArray[np.intp], i: NDArray[np.intp], j: NDArray[np.intp]) -> NDArray[np.intp]:
    """Put the groups of items `i` and `j` together, pair by pair, each under its smallest index."""
    while True:
        a, b = groups[i], groups[j]
        apart = a != b
        if not apart.any():
            return groups
        i, j, a, b = i[apart], j[apart], a[apart], b[apart]
        parent = np.arange(len(groups), dtype=np.intp)
        np.minimum.at(parent, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(parent, parent[parent]):
            parent = parent[parent]
        groups = parent[groups]
