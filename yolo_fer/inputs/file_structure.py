"""Whether the structure of a video file is whole, of which FFmpeg says nothing."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from yolo_fer.inputs.gif_structure import gif_fault

# RFC 8794 (EBML) and RFC 9559 (Matroska)
_EBML = bytes.fromhex("1A45DFA3")
_SEGMENT = bytes.fromhex("18538067")
_CLUSTER = bytes.fromhex("1F43B675")
_CRC32, _BLOCKS = b"\xbf", (b"\xa3", b"\xa0")
_IN_CLUSTERS = (*_BLOCKS, _CRC32, b"\xe7", b"\xa7", b"\xab", b"\xaf", b"\xec", b"\x58\x54")
_UNKNOWN_RIFF_SIZES = (0, 0xFFFFFFFF)
# ISO/IEC 13818-1, 2.4.3: each packet of a transport stream starts with this byte.
_TS_SYNC, _TS_PACKET, _TS_NULL = 0x47, 188, 0x1FFF
_TS_BLOCK = 1 << 16
_TS_LENGTHS = (_TS_PACKET, 192, 204)
_TS_FIRST = 100 * _TS_PACKET  # bytes that show the length, even if some are damaged
_PART = 1 << 20
_CUT_SHORT = "the file is cut short"
_BROKEN = "the file is damaged between its frames"
_UNREAD = "the file holds {} blocks and {} were read"


def structure_fault(path: Path, decoded: int, packets: int) -> str | None:
    """Return in words where a Matroska, AVI, GIF or MPEG-TS file is not whole, or was not read so.

    None for whole files, for those of other formats, and for those whose writer did not know the
    size, as live ones.

    Args:
        path: the path of the file.
        decoded: the number of its frames that were decoded.
        packets: the number of packets that were read, of all its streams together.
    """
    with path.open("rb") as file:
        start = file.read(4)
        if start == _EBML:
            return _matroska_fault(file, packets)
        if start == b"GIF8":
            return gif_fault(file, decoded)
        if start == b"RIFF":
            size = int.from_bytes(file.read(4), "little")
            if size not in _UNKNOWN_RIFF_SIZES and 8 + size > _size_of(file):
                return _CUT_SHORT
        if start[:1] == bytes([_TS_SYNC]):
            return _transport_fault(file)
    return None


def _transport_fault(file: BinaryIO) -> str | None:
    """Look for packets that are cut, out of step or missing, as their counters show."""
    file.seek(0)
    last: dict[int, int] = {}
    while block := file.read(_TS_PACKET * _TS_BLOCK):
        packets = np.frombuffer(block, np.uint8, len(block) // _TS_PACKET * _TS_PACKET)
        packets = packets.reshape(-1, _TS_PACKET)
        in_step = packets[:, 0] == _TS_SYNC
        if not last and _packet_length(block) != _TS_PACKET:
            return None  # it is something else, or each packet has a time or a checksum next to it
        if not in_step.all():
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


def _packet_length(data: bytes) -> int:
    """Return at which distance most of the sync bytes follow each other."""
    places = np.flatnonzero(np.frombuffer(data[:_TS_FIRST], np.uint8) == _TS_SYNC)
    return max(_TS_LENGTHS, key=lambda length: int(np.bincount(places % length).max()))


def _matroska_fault(file: BinaryIO, packets: int) -> str | None:
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
    blocks = _blocks_of(file, end, _SEGMENT)
    if blocks is None:
        return _BROKEN
    # A block of several frames becomes several packets.
    return _UNREAD.format(blocks, packets) if blocks > packets else None


def _blocks_of(file: BinaryIO, end: int, parent: bytes) -> int | None:
    """Count the coded frames of a segment or cluster; None if its elements do not lead to its end.

    Of a live stream that does not know its size, all are counted that come before that shows.
    """
    blocks = 0
    while file.tell() < end:
        first = file.read(1)
        if not first or first[0] < 16:  # an ID has at most four bytes
            return None
        kind = first + file.read(8 - first[0].bit_length())
        size = _read_size(file)
        if parent == _CLUSTER and kind not in _IN_CLUSTERS:
            return None
        if size is None:
            return blocks if kind == _CLUSTER else None
        inner = file.tell() + size
        if inner > end:
            return None
        if kind == _CLUSTER:
            if not _is_as_written(file, inner) or (held := _blocks_of(file, inner, kind)) is None:
                return None
            blocks += held
        blocks += kind in _BLOCKS
        file.seek(inner)
    return blocks


def _is_as_written(file: BinaryIO, end: int) -> bool:
    """Compare a cluster with its checksum, if it begins with one."""
    start = file.tell()
    head = file.read(6)
    if head[:2] != _CRC32 + b"\x84":
        file.seek(start)
        return True
    found = 0
    while part := file.read(min(_PART, end - file.tell())):
        found = zlib.crc32(part, found)
    file.seek(start)
    return found == int.from_bytes(head[2:], "little")


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
