"""Whether a file is an image or a video, by its content: folders, names and streams agree."""

from __future__ import annotations

import mmap
import stat
from enum import Enum
from pathlib import Path, PurePath

from yolo_fer.errors import MissingExtraError
from yolo_fer.images.formats import HEAD_BYTES, SUFFIXES, brands_of, format_of, unread_format
from yolo_fer.images.structure import has_more_frames, is_animated, outline_jpeg
from yolo_fer.inputs.ffmpeg import holds_video

VIDEO_SUFFIXES = frozenset(
    {".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif", ".h264", ".h265"}
    | {".hevc", ".ivf", ".m2ts", ".m2v", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg"}
    | {".mpg", ".mts", ".mxf", ".nut", ".ogm", ".ogv", ".ts", ".vob", ".webm", ".wmv", ".y4m"}
)
"""How videos are usually named. A file named so that is none is reported as a bad one."""

_LOOKED_AT = 4096
_JPEG_SUFFIXES = frozenset({".jpe", ".jpeg", ".jfif", ".jpg", ".mpo"})
_SEQUENCE_BRANDS = frozenset({b"avis", b"hevc", b"hevx", b"msf1"})
# What data sets hold besides images, and FFmpeg might take for sound.
_OTHER_STARTS = (
    b"PK", b"\x1f\x8b", b"\xfd7zXZ", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd", b"%PDF",
    b"\x93NUMPY", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"\x89HDF", b"PAR1",
    b"SQLite", b"\x7fELF", b"MZ", b"\0\x05\x16\x07", b"\0\0\0\x01Bud1",
)  # fmt: skip
# For where PyAV, which knows all of them, is not installed.
_VIDEO_STARTS = (
    b"\x1aE\xdf\xa3", b"FLV\x01", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"YUV4MPEG2 ",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
)  # fmt: skip


class FileKind(Enum):
    """What a file is; the value says in words why one is left out."""

    IMAGE = "image"
    VIDEO = "video"
    OTHER = "neither image nor video"
    EMPTY = "empty"
    UNREADABLE = "cannot be read"
    NO_FILE = "a pipe, a socket or a device"


def kind_of(path: Path) -> FileKind:
    """Return what a file is by its content; only where that says nothing, its name counts.

    So a file that is named as an image or a video and is none, is missing or empty, is taken for
    what its name says, and reported when it is read.
    """
    kind = _kind_by_content(path)
    if kind in (FileKind.IMAGE, FileKind.VIDEO):
        return kind
    named_as = kind_of_name(path.name)
    return kind if named_as is FileKind.OTHER else named_as


def kind_of_name(name: str) -> FileKind:
    """Tell by its name alone what a file is, where a look at each would cost too much."""
    suffix = PurePath(name).suffix.lower()
    if suffix in VIDEO_SUFFIXES:
        return FileKind.VIDEO
    return FileKind.IMAGE if suffix in SUFFIXES else FileKind.OTHER


def is_image(path: Path) -> bool:
    """Return whether a file of a data set is an image; a usual name is believed without a look."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return True
    if path.name.startswith(".") or suffix in (".txt", ".json", ".npy", ".cache"):
        return False  # such as an image that was being written when its writer was killed
    return kind_of(path) is FileKind.IMAGE


def _kind_by_content(path: Path) -> FileKind:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return FileKind.NO_FILE
        if not found.st_size:
            return FileKind.EMPTY
        with path.open("rb") as file:
            head = file.read(_LOOKED_AT)
    except (OSError, ValueError):
        return FileKind.UNREADABLE
    kind = format_of(head[:HEAD_BYTES])
    if kind == "JPEG":
        return FileKind.VIDEO if _is_motion_jpeg(path, head, found.st_size) else FileKind.IMAGE
    if kind is not None or unread_format(head[:HEAD_BYTES]):
        is_moving = kind == "PNG" and is_animated(head)
        return FileKind.VIDEO if is_moving else FileKind.IMAGE
    if head.startswith(b"GIF8") or set(brands_of(head)[:1]) & _SEQUENCE_BRANDS:
        return FileKind.VIDEO
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return FileKind.VIDEO  # whatever is wrong with it is said when it is read
    if head.startswith(_OTHER_STARTS) or _is_text(head):
        return FileKind.OTHER
    try:
        return FileKind.VIDEO if holds_video(path) else FileKind.OTHER
    except MissingExtraError:
        is_video = bool(brands_of(head)) or head[8:12] == b"AVI " or head.startswith(_VIDEO_STARTS)
        return FileKind.VIDEO if is_video else FileKind.OTHER


def _is_motion_jpeg(path: Path, head: bytes, size: int) -> bool:
    """Return whether a file that starts with a JPEG image is a film of them.

    A photograph would have to be read for nothing: it is believed if it is named as one and not
    larger than one can be.
    """
    outline = outline_jpeg(head)
    if path.suffix.lower() in _JPEG_SUFFIXES:
        if outline.size is None:  # after a large header
            return False
        width, height = outline.size
        if size < width * height:
            return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return has_more_frames(content)


def _is_text(head: bytes) -> bool:
    if head.startswith((b"YUV4MPEG2 ", b"\xff\xfe", b"\xfe\xff")):
        return not head.startswith(b"YUV")
    return b"\0" not in head and sum(byte < 9 or 13 < byte < 32 for byte in head) * 50 < len(head)
