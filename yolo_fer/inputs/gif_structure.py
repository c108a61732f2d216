"""Whether the images of a GIF file are whole; FFmpeg shows what there is of a damaged one."""

from __future__ import annotations

import os
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

# The GIF specification of 1989, sections 18 to 27 and appendix F.
_IMAGE, _EXTENSION, _END = b",", b"!", b";"
_MOST_CODE_BITS = 12
_TABLE = 1 << _MOST_CODE_BITS
_CODES_AT_ONCE = 1 << 12


def gif_fault(file: BinaryIO, decoded: int) -> str | None:
    """Return in words where a GIF file is not whole, or was not read so; None if it is.

    Args:
        file: the open GIF file; it is read from its header on.
        decoded: the number of its frames that were decoded.
    """
    file.seek(10)
    flags = file.read(1)
    file.seek(2, os.SEEK_CUR)
    _skip_colours(file, flags)
    images = 0
    damaged: int | None = None
    while True:
        kind = file.read(1)
        if kind == _END:
            if damaged is not None:
                return f"image {damaged} of the file is damaged"
            return f"the file holds {images}" if decoded < images else None
        if kind == _EXTENSION:
            file.seek(1, os.SEEK_CUR)
            _blocks(file)
        elif kind == _IMAGE:
            images += 1
            place = file.read(9)
            _skip_colours(file, place[8:])
            bits, data = file.read(1), _blocks(file)
            pixels = int.from_bytes(place[4:6], "little") * int.from_bytes(place[6:8], "little")
            if damaged is None and (not bits or _coded_pixels(data, bits[0]) != pixels):
                damaged = images
        else:
            return "the file is cut short" if not kind else "the file is damaged between its frames"


def _skip_colours(file: BinaryIO, flags: bytes) -> None:
    if flags and flags[0] & 0x80:
        file.seek(3 << (flags[0] & 7) + 1, os.SEEK_CUR)


def _blocks(file: BinaryIO) -> bytes:
    blocks = []
    while (length := file.read(1)) and length[0]:
        blocks.append(file.read(length[0]))
    return b"".join(blocks)


def _coded_pixels(data: bytes, bits: int) -> int | None:
    """Return how many pixels LZW codes stand for, without making any; None if a code is wrong.

    One flipped bit changes the lengths of all that follow, so that the sum shows it.
    """
    if not 1 <= bits < _MOST_CODE_BITS:
        return None
    bytes_ = np.frombuffer(data + bytes(4), np.uint8).astype(np.uint32)
    at, pixels, is_over = 0, 0, False
    while not is_over:
        codes, at, is_over = _codes_to_clear(bytes_, at, bits)
        if len(codes):
            lengths = _lengths(codes, 1 << bits)
            if lengths is None:
                return None
            pixels += int(lengths.sum())
    return pixels


def _codes_to_clear(
    data: NDArray[np.uint32], at: int, bits: int
) -> tuple[NDArray[np.int64], int, bool]:
    """Return the codes from a bit on, up to where the table is cleared or all ends.

    Returns:
        The codes, the bit after them, and whether nothing follows.
    """
    clear = 1 << bits
    read: list[NDArray[np.int64]] = []
    count, last_bit = 0, 8 * (len(data) - 4)
    while True:
        # The table grows by an entry with each code but the first, and the codes with the table.
        entries = clear + 2 + np.maximum(np.arange(count, count + _CODES_AT_ONCE) - 1, 0)
        widths = np.minimum(np.frexp(entries)[1], _MOST_CODE_BITS)
        ends = at + np.cumsum(widths)
        inside = int(np.searchsorted(ends, last_bit, side="right"))
        starts, widths = (ends - widths)[:inside], widths[:inside]
        first = starts >> 3
        three = data[first] | data[first + 1] << 8 | data[first + 2] << 16
        codes = (three >> (starts & 7) & (1 << widths) - 1).astype(np.int64)
        marks = np.flatnonzero((codes == clear) | (codes == clear + 1))
        if len(marks):
            mark = int(marks[0])
            read.append(codes[:mark])
            is_end = bool(codes[mark] == clear + 1)
            return np.concatenate(read), int(ends[mark]), is_end
        read.append(codes)
        if inside < _CODES_AT_ONCE:
            return np.concatenate(read), last_bit, True
        count, at = count + inside, int(ends[-1])


def _lengths(codes: NDArray[np.int64], clear: int) -> NDArray[np.int64] | None:
    """Return how many pixels each code stands for; None if one names an entry that is not there."""
    known = np.minimum(clear + 1 + np.arange(len(codes)), _TABLE - 1)
    known[0] = clear - 1
    if (codes > known).any():
        return None
    # Each new entry is that of the code before and one pixel more. By jumping from prefix to prefix
    # all lengths are known after a few rounds.
    first = clear + 2
    made = codes[: max(0, min(len(codes) - 1, _TABLE - first))]
    prefix, length = np.zeros(_TABLE, np.int64), np.ones(_TABLE, np.int64)
    prefix[:clear] = np.arange(clear)
    prefix[first : first + len(made)] = made
    length[first : first + len(made)] = 2
    while (prefix >= first).any():
        length, prefix = length + length[prefix] - 1, prefix[prefix]
    return length[codes]
