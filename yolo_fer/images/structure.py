"""Where an image ends within its file: JPEG by its markers, PNG by its chunks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from mmap import mmap

# ITU-T T.81, annex B. 0 stands behind a byte of data, D0 to D7 are restarts within a scan.
_find_marker = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]").search
_SOI, _EOI, _SOS, _TEM, _APP2 = 0xD8, 0xD9, 0xDA, 0x01, 0xE2
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})


@dataclass(frozen=True, slots=True)
class JpegOutline:
    """What the markers of a JPEG image say.

    Args:
        size: width and height; None without a frame header.
        progressive: the decoder has to hold all coefficients.
        scans: how often it goes over the image.
        end: where the next byte after the image would be; None if the image is cut short.
        is_part: it is one of the images of a multi-picture file.
    """

    size: tuple[int, int] | None
    progressive: bool
    scans: int
    end: int | None
    is_part: bool


def outline_jpeg(data: bytes | bytearray | mmap, start: int = 0) -> JpegOutline:
    """Walk the markers of a JPEG image.

    Its end is that of the image, not of the file: phones put a video or more images after it.

    Args:
        data: a file with the start of the image at `start`.
        start: where it begins.
    """
    size, progressive, scans, is_part = None, False, 0, False
    at = start + 2
    while found := _find_marker(data, at):
        marker, at = data[found.end() - 1], found.end()
        if marker == _EOI:
            return JpegOutline(size, progressive, scans, at, is_part)
        if marker in (_SOI, _TEM):
            continue
        if marker in _FRAMES and at + 7 <= len(data):
            height, width = (int.from_bytes(data[i : i + 2]) for i in (at + 3, at + 5))
            size, progressive = (width, height), marker in _PROGRESSIVE
        scans += marker == _SOS
        is_part |= marker == _APP2 and data[at + 2 : at + 6] == b"MPF\0"
        at += max(2, int.from_bytes(data[at : at + 2]))
    return JpegOutline(size, progressive, scans, None, is_part)


def has_more_frames(data: bytes | mmap) -> bool:
    """Tell whether a JPEG file is a motion JPEG video: behind its image is one of the same size."""
    first = outline_jpeg(data)
    if first.end is None or first.size is None or first.is_part:
        return False
    if data[first.end : first.end + 3] != b"\xff\xd8\xff":
        return False
    return outline_jpeg(data, first.end).size == first.size


@dataclass(frozen=True, slots=True)
class PngOutline:
    """What the chunks of a PNG file say.

    Args:
        size: width and height; None without a header.
        data_bytes: the number of bytes of coded pixels.
        is_whole: the chunks lead to the end of the image.
    """

    size: tuple[int, int] | None
    data_bytes: int
    is_whole: bool


def outline_png(data: bytes) -> PngOutline:
    """Walk the chunks of a PNG file; what stands behind its last one is no matter."""
    size, data_bytes, at = None, 0, 8
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind == b"IHDR":
            size = int.from_bytes(data[at + 8 : at + 12]), int.from_bytes(data[at + 12 : at + 16])
        elif kind == b"IDAT":
            data_bytes += length
        elif kind == b"IEND":
            return PngOutline(size, data_bytes, True)
        at += 12 + length
    return PngOutline(size, data_bytes, False)


def is_animated(head: bytes) -> bool:
    """Tell whether a PNG file says among its first bytes that it has several frames."""
    at = head.find(b"acTL")
    return 0 < at < len(head) - 8 and int.from_bytes(head[at + 4 : at + 8]) > 1
