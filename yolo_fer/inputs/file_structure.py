"""Whether the structure of a video file is whole, of which FFmpeg says nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import numpy as np

# RFC 8794 (EBML) and RFC 9559 (Matroska)
_EBML = bytes.fromhex("1A45DFA3")
_SEGMENT = bytes.fromhex("18538067")
_CLUSTER = bytes.fromhex("1F43B675")
_GIF_IMAGE, _GIF_EXTENSION, _GIF_END = b",", b"!", b";"
_UNKNOWN_RIFF_SIZES = (0, 0xFFFFFFFF)
# ISO/IEC 13818-1, 2.4.3: each packet of a transport stream starts with this byte.
_TS_SYNC, _TS_PACKET, _TS_NULL = 0x47, 188, 0x1FFF
_TS_BLOCK = 1 << 16
_CUT_SHORT = "the file is cut short"
_BROKEN = "the file is damaged between its frames"


def structure_fault(path: Path, decoded: int) -> str | None:
    """Return in words where a Matroska, AVI, GIF or MPEG-TS file is not whole, or was not read so.

    None for whole files, for those of other formats, and for those whose writer did not know the
    size, as live ones.

    Args:
        path: the path of the file.
        decoded: how many frames were decoded of it.
    """
    with path.open("rb") as file:
        start = file.read(4)
        if start == _EBML:
            return _matroska_fault(file)
        if start == b"GIF8":
            return _gif_fault(file, decoded)
        if start == b"RIFF":
            size = int.from_bytes(file.read(4), "little")
            if size not in _UNKNOWN_RIFF_SIZES and 8 + size > _size_of(file):
                return _CUT_SHORT
        if start[:1] == bytes([_TS_SYNC]):
            return _transport_fault(file)
    return None


def _transport_fault(file: BinaryIO) -> str | None:
    """Look for packets that are cut, out of step or missing, as their counters tell."""
    file.seek(0)
    last: dict[int, int] = {}
    while block := file.read(_TS_PACKET * _TS_BLOCK):
        packets = np.frombuffer(block, np.uint8, len(block) // _TS_PACKET * _TS_PACKET)
        packets = packets.reshape(-1, _TS_PACKET)
        if not last and (len(packets) < 2 or packets[1, 0] != _TS_SYNC):
            return None  # it is something else, or has packets of 192 bytes
        if (packets[:, 0] != _TS_SYNC).any():
            return _BROKEN
        if len(block) % _TS_PACKET:
            return _CUT_SHORT
        streams = (packets[:, 1].astype(int) & 0x1F) << 8 | packets[:, 2]
        with_data = (packets[:, 3] & 0x10 > 0) & (streams != _TS_NULL)
        anew = (packets[:, 3] & 0x20 > 0) & (packets[:, 4] > 0) & (packets[:, 5] & 0x80 > 0)
        for stream in np.unique(streams[with_data]).tolist():
            mine = with_data & (streams == stream)
            counters = packets[mine, 3].astype(int) & 0x0F
            before = np.concatenate(([last.get(stream, counters[0] - 1)], counters[:-1]))
            steps = (counters - before) % 16
            if ((steps > 1) & ~anew[mine]).any():
                return _BROKEN
            last[stream] = int(counters[-1])
    return None


def _matroska_fault(file: BinaryIO) -> str | None:
    header = _read_size(file)
    if header is None:
        return None
    file.seek(header, os.SEEK_CUR)
    if file.read(4) != _SEGMENT:
        return None
    segment = _read_size(file)
    if segment is None:
        return None
    end = file.tell() + segment
    if end > _size_of(file):
        return _CUT_SHORT
    return None if _is_chain(file, end) else _BROKEN


def _is_chain(file: BinaryIO, end: int) -> bool:
    """Tell whether the elements of a segment or cluster follow each other up to its end."""
    while file.tell() < end:
        first = file.read(1)
        if not first or first[0] < 16:  # an ID has at most four bytes
            return False
        kind = first + file.read(8 - first[0].bit_length())
        size = _read_size(file)
        if size is None:
            return kind == _CLUSTER  # of a live stream
        inner = file.tell() + size
        if inner > end or (kind == _CLUSTER and not _is_chain(file, inner)):
            return False
        file.seek(inner)
    return True


def _gif_fault(file: BinaryIO, decoded: int) -> str | None:
    """Walk the blocks of a GIF file (its specification of 1989, sections 18 to 27)."""
    file.seek(10)
    flags = file.read(1)
    file.seek(2, os.SEEK_CUR)
    _skip_colours(file, flags)
    images = 0
    while True:
        kind = file.read(1)
        if kind == _GIF_END:
            return f"the file holds {images}" if decoded < images else None
        if kind == _GIF_EXTENSION:
            file.seek(1, os.SEEK_CUR)
        elif kind == _GIF_IMAGE:
            images += 1
            file.seek(8, os.SEEK_CUR)
            _skip_colours(file, file.read(1))
            file.seek(1, os.SEEK_CUR)
        else:
            return _CUT_SHORT if not kind else _BROKEN
        while length := file.read(1):
            if not length[0]:
                break
            file.seek(length[0], os.SEEK_CUR)


def _skip_colours(file: BinaryIO, flags: bytes) -> None:
    if flags and flags[0] & 0x80:
        file.seek(3 << (flags[0] & 7) + 1, os.SEEK_CUR)


def _size_of(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _read_size(file: BinaryIO) -> int | None:
    """Read the size of an element, None if it is not known: as many zeros, a one, then the bits."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    length = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(length - 1), "big")
    mask = (1 << 7 * length) - 1
    return None if value & mask == mask else value & mask
