"""Finding images that show the same picture, so that no copy of a test image is trained on."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.errors import MissingExtraError
from yolo_fer.images import Image

HASH_SIDE = 16
HASH_BYTES = HASH_SIDE**2 // 8
# Measured on 4,328 images of ExpW: copies that were scaled, recompressed, watermarked, captioned or
# slightly cropped lie within 70 bits of each other; the closest unrelated pair lies at 78.
NEAR = 68


def perceptual_hash(image: Image) -> bytes:
    """Return the 256-bit DCT hash of an image (pHash; Zauner 2010, as in ImageHash).

    Raises:
        MissingExtraError: if ImageHash is not installed.
    """
    try:
        import imagehash
    except ImportError as error:
        raise MissingExtraError("imagehash", "autobox", "finding near-duplicate images") from error
    from PIL import Image as PillowImage

    # ImageHash would shrink the whole image with Pillow; OpenCV does that several times as fast.
    side = HASH_SIDE * 4
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    grey = PillowImage.fromarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    bits = imagehash.phash(grey, hash_size=HASH_SIDE, highfreq_factor=4).hash
    return np.packbits(bits).tobytes()


def near_pairs(hashes: Sequence[bytes], near: int = NEAR) -> list[tuple[int, int]]:
    """Return the index pairs (i < j) of hashes that differ in at most `near` bits.

    All pairs are compared, in blocks of bounded memory: as vectors of ±1 the dot product of two
    hashes is 256 minus twice their distance, and matrix products are what CPUs do best.
    """
    if not hashes:
        return []
    packed = np.frombuffer(b"".join(hashes), np.uint8).reshape(len(hashes), HASH_BYTES)
    signs = np.unpackbits(packed, axis=1).astype(np.float32) * 2 - 1
    pairs: list[tuple[int, int]] = []
    block = 1024
    for start in range(0, len(hashes), block):
        for other in range(start, len(hashes), 8 * block):
            dots = signs[start : start + block] @ signs[other : other + 8 * block].T
            rows, columns = np.nonzero(dots >= HASH_SIDE**2 - 2 * near)
            pairs.extend(
                (int(i), int(j))
                for i, j in zip(rows + start, columns + other, strict=True)
                if i < j
            )
    return pairs


def connected(count: int, pairs: Sequence[tuple[int, int]]) -> NDArray[np.intp]:
    """Return for each of `count` items the smallest index that it is connected with by pairs."""
    parent = np.arange(count, dtype=np.intp)

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = int(parent[i])
        return i

    for i, j in pairs:
        a, b = sorted((root(i), root(j)))
        parent[b] = a
    return np.array([root(i) for i in range(count)], dtype=np.intp)
