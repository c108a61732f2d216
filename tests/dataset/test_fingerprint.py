from __future__ import annotations

import hashlib

import pytest

from tests.helpers.saved_images import saved
from yolo_fer import images
from yolo_fer.dataset.duplicates import perceptual_hash
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.errors import ImageError


def test_it_has_the_hash_of_the_bytes_and_that_of_the_picture() -> None:
    data = saved("PNG")
    print_ = Fingerprint.of(data)
    assert print_.sha256 == hashlib.sha256(data).hexdigest()
    assert bytes.fromhex(print_.phash) == perceptual_hash(images.decode_grey(data))


def test_the_same_picture_in_other_bytes_keeps_the_hash_of_the_picture() -> None:
    one, other = (Fingerprint.of(saved("PNG", compress_level=level)) for level in (0, 9))
    assert one.sha256 != other.sha256
    assert one.phash == other.phash


def test_what_is_no_image_has_none() -> None:
    with pytest.raises(ImageError):
        Fingerprint.of(b"no image")
