"""Whatever people hold an image in, to pixels: paths, addresses, bytes, files, Pillow, arrays."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from yolo_fer.errors import FileFault, ImageError, UsageError
from yolo_fer.images import MAX_PIXELS, Image, check, decode_reduced, read_reduced
from yolo_fer.inputs.addresses import is_address, without_password
from yolo_fer.inputs.file_kinds import FileKind, kind_of
from yolo_fer.inputs.image_address import is_image_address
from yolo_fer.inputs.image_bytes import Readable, read_address, read_input, read_open
from yolo_fer.inputs.listing import ImageInput, collect_inputs, warn_of_unused_files
from yolo_fer.inputs.walking import has_wildcard
from yolo_fer.paths import exists
from yolo_fer.predict.read_ahead import Take
from yolo_fer.reason_counts import ReasonCounts

ImageLike: TypeAlias = (
    str | os.PathLike[str] | NDArray[Any] | Pillow.Image | bytes | bytearray | memoryview | Readable
)
"""A path, an `http://` or `https://` address, (height, width, 3) of uint8, a Pillow image, or an
image file's bytes or open file."""

_ONE = (str, os.PathLike, np.ndarray, Pillow.Image, bytes, bytearray, memoryview, Readable)
_SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L", "I;16N")


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that was read.

    Args:
        image: its pixels, which may be a reduced copy.
        size: its width and height in full, in pixels.
        source: the path or the address, without its password; empty for what has no name.
        is_file: it can be read again from its path.
        decode_ms: milliseconds that reading and decoding took.
    """

    image: Image
    size: tuple[int, int]
    source: str = ""
    is_file: bool = False
    decode_ms: float = 0.0

    @classmethod
    def of_array(cls, image: Image, *, rgb: bool = False) -> Picture:
        """Wrap pixels as they are, or bring RGB to BGR.

        Raises:
            ImageError: `not_an_image`, if the array is none.
        """
        check(image)
        if rgb:
            image = np.ascontiguousarray(image[:, :, ::-1])
        return cls(image, (image.shape[1], image.shape[0]))


def name_of(given: ImageLike | ImageInput) -> str:
    """Return what results call an image: its path or its address, or nothing."""
    if isinstance(given, ImageInput):
        return given.source
    if isinstance(given, str):
        return without_password(given) if is_address(given) else given
    return os.fspath(given) if isinstance(given, os.PathLike) else ""


def is_one_image(given: object) -> TypeGuard[ImageLike]:
    """Return whether something can be one image; a folder or a pattern is several."""
    return isinstance(given, _ONE) and not _is_several_files(given)


def each_image(given: ImageLike | Iterable[ImageLike]) -> Iterator[ImageLike | ImageInput]:
    """Yield every image that is meant: folders and patterns give theirs, sorted.

    Videos in a folder are left out, and that is said.

    Raises:
        ImageError: `not_an_image`, if something is of another type, or an array that is no image.
        UsageError: if it is the address of a stream.
        YoloFerError: if a folder or a pattern holds no image.
    """
    if isinstance(given, _ONE):
        several: Iterable[Any] = [given]
    elif isinstance(given, Iterable):
        several = given
    else:
        raise _no_image(given)
    for item in several:
        if not isinstance(item, _ONE):
            raise _no_image(item)
        if isinstance(item, str | os.PathLike) and _is_several_files(item):
            yield from _files_of(os.fspath(item))
            continue
        if isinstance(item, np.ndarray):
            check(item)
        elif isinstance(item, str):
            _refuse_stream(item)
        yield item


def read_picture(given: ImageLike | ImageInput, take: Take, *, rgb: bool = False) -> Picture:
    """Read one image.

    Args:
        given: an item that `each_image` yielded.
        take: a function that is called with the bytes of the decoded image before they are taken.
        rgb: an array is RGB and not BGR; all else says itself how its colours lie.

    Raises:
        ImageError: if it cannot be read, as `decode_reduced`, `read_bytes` and `fetch_image`.
        UsageError: if it is the address of a stream.
    """
    waited = 0.0

    def take_and_measure(size: int) -> None:
        nonlocal waited
        before = time.perf_counter()
        take(size)
        waited += time.perf_counter() - before

    began = time.perf_counter()
    if isinstance(given, np.ndarray):
        return Picture.of_array(given, rgb=rgb)
    image, size, source, is_file = _decoded(given, take_and_measure)
    spent = 1000 * (time.perf_counter() - began - waited)
    return Picture(image, size, source, is_file, spent)


def _decoded(given: Any, take: Take) -> tuple[Image, tuple[int, int], str, bool]:
    if isinstance(given, ImageInput):
        return *read_input(given, take), given.source, given.is_file
    if isinstance(given, str) and is_address(given):
        _refuse_stream(given)
        return *read_address(given, take), without_password(given), False
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        try:
            return *read_reduced(path, take), str(given), True
        except ImageError as error:
            if error.reason == FileFault.MISSING_IMAGE or kind_of(path) is not FileKind.VIDEO:
                raise
            raise ImageError(error.reason, f"{path}: this is a video; use `stream`") from error
    if isinstance(given, Pillow.Image):
        image = _from_pillow(given, take)
        return image, (image.shape[1], image.shape[0]), "", False
    data = bytes(given) if isinstance(given, bytes | bytearray | memoryview) else read_open(given)
    return *decode_reduced(data, take), "", False


def _from_pillow(image: Pillow.Image, take: Take) -> Image:
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(
            FileFault.IMAGE_TOO_LARGE,
            f"the image has {image.width}x{image.height} pixels, more than {MAX_PIXELS / 1e6:g} "
            "million",
        )
    if image.mode == "F" or not image.width * image.height:
        raise ImageError(FileFault.UNSUPPORTED_IMAGE, f"{image!r}: convert it to RGB first")
    take(3 * image.width * image.height)
    try:
        upright = ImageOps.exif_transpose(image)
        if upright.mode in _SIXTEEN_BITS:
            grey = (np.asarray(upright, np.int64).clip(0, 65535) >> 8).astype(np.uint8)
            return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
        return np.ascontiguousarray(np.asarray(upright.convert("RGB"))[:, :, ::-1])
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # it is decoded only now
        raise ImageError(
            FileFault.CORRUPT_IMAGE, f"the image cannot be decoded ({error})"
        ) from error


def _is_several_files(given: object) -> bool:
    if not isinstance(given, str | os.PathLike):
        return False
    name = os.fspath(given)
    if not isinstance(name, str):
        raise _no_image(name)
    path = Path(name)
    if exists(path):
        return path.is_dir()
    return bool(has_wildcard(name)) and "://" not in name


def _files_of(source: str) -> Iterator[ImageInput]:
    unused = ReasonCounts()
    images: list[ImageInput] = []
    for item in collect_inputs([source]):
        if isinstance(item, ImageInput):
            images.append(item)
        else:
            unused.note("a video, which `stream` reads", item.source)
    warn_of_unused_files(unused, source)
    yield from images


def _refuse_stream(text: str) -> None:
    if is_address(text) and not is_image_address(text):
        shown = without_password(text)
        raise UsageError(f"{shown} is no image; use `stream` to read from an address")


def _no_image(given: object) -> ImageError:
    return ImageError(
        FileFault.NOT_AN_IMAGE,
        "an image is a path, an address, an array of shape (height, width, 3) of uint8, a Pillow "
        f"image, or the bytes or open file of one, not {type(given).__name__}",
    )
