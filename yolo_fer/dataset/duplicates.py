"""Finding images that show the same picture, so that no copy of a test image is trained on."""

from __future__ import annotations

from collections.abc import Sequence
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
_ROWS, _COLUMNS = 512, 8192  # of a block of comparisons: 16 MB of dot products


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


def near_groups(hashes: Sequence[bytes], near: int = NEAR) -> NDArray[np.intp]:
    """Tell which hashes are connected by steps of at most `near` differing bits.

    All pairs are compared, in blocks of bounded memory: as vectors of ±1 the dot product of two
    hashes is 256 minus twice their distance, and matrix products are what CPUs do best. Pairs are
    never kept: thousands of frames of one scene would make hundreds of millions.

    Returns:
        (N,) for each hash the smallest index that it is connected with.
    """
    groups = np.arange(len(hashes), dtype=np.intp)
    packed = np.frombuffer(b"".join(hashes), np.uint8).reshape(len(hashes), HASH_BYTES)
    signs = _signs(packed)
    for start in range(0, len(hashes), _ROWS):
        rows = slice(start, start + _ROWS)
        for other in range(start, len(hashes), _COLUMNS):
            columns = slice(other, other + _COLUMNS)
            joins = signs[rows] @ signs[columns].T >= HASH_SIDE**2 - 2 * near
            joins &= groups[rows, None] != groups[None, columns]
            if joins.any():
                i, j = np.nonzero(joins)
                groups = join(groups, i + start, j + other)
    return groups


def nearest(
    hashes: NDArray[np.uint8], others: NDArray[np.uint8]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find for each hash the nearest of some other hashes, in blocks of bounded memory.

    Args:
        hashes: (N, 32) bytes.
        others: (M, 32) bytes.

    Returns:
        (N,) indices into `others`, -1 if there are none; and (N,) numbers of differing bits.
    """
    found = np.full(len(hashes), -1, dtype=np.intp)
    bits = np.full(len(hashes), HASH_SIDE**2 + 1, dtype=np.intp)
    for other in range(0, len(others), _COLUMNS):
        columns = _signs(others[other : other + _COLUMNS]).T
        for start in range(0, len(hashes), _ROWS):
            rows = slice(start, start + _ROWS)
            dots = _signs(hashes[rows]) @ columns
            best = dots.argmax(axis=1)
            away = (HASH_SIDE**2 - dots[np.arange(len(best)), best].astype(np.intp)) // 2
            nearer = away < bits[rows]
            found[rows][nearer] = best[nearer] + other
            bits[rows][nearer] = away[nearer]
    return found, bits


def _signs(packed: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.unpackbits(packed, axis=1).astype(np.float32) * 2 - 1


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
