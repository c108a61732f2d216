"""Whether a Matroska or WebM file is cut short, which FFmpeg takes for its end without a word."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

# RFC 8794 (EBML) and RFC 9559 (Matroska)
_EBML = bytes.fromhex("1A45DFA3")
_SEGMENT = bytes.fromhex("18538067")


def is_cut_short(path: Path) -> bool:
    """Tell whether a file ends before its segment does.

    False for files of other formats, and for those whose writer did not know the size, as live
    ones.
    """
    with path.open("rb") as file:
        if file.read(4) != _EBML:
            return False
        header = _read_size(file)
        if header is None:
            return False
        file.seek(header, 1)
        if file.read(4) != _SEGMENT:
            return False
        segment = _read_size(file)
        return segment is not None and file.tell() + segment > path.stat().st_size


def _read_size(file: BinaryIO) -> int | None:
    """Read the size of an element, None if it is not known: as many zeros, a one, then the bits."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    length = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(length - 1), "big")
    mask = (1 << 7 * length) - 1
    return None if value & mask == mask else value & mask
