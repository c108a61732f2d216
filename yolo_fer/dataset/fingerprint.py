"""What the manifest keeps of an image file, so that it need not be decoded again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Self

from yolo_fer import images
from yolo_fer.dataset.duplicates import perceptual_hash


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The hashes of an image file.

    Args:
        sha256: the SHA-256 hash of its bytes.
        phash: the perceptual hash in hexadecimal, empty if it was not noted.
    """

    sha256: str
    phash: str

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Return the hashes of the bytes of an image that can be decoded.

        Raises:
            ImageError: if it cannot.
        """
        phash = perceptual_hash(images.decode_grey(data)).hex()
        return cls(hashlib.sha256(data).hexdigest(), phash)
