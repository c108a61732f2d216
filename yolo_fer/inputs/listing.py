"""What a user names: image and video files, folders, patterns, cameras and network streams."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images import SUFFIXES
from yolo_fer.inputs.addresses import camera_index, is_address, place_of, without_password
from yolo_fer.paths import exists

VIDEO_SUFFIXES = frozenset(
    {
        ".3gp",
        ".avi",
        ".flv",
        ".gif",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
    }
    | {".ogv", ".ts", ".webm", ".wmv"}
)

_LONGEST_NAME = 100
"""Characters of an address in a file name."""

_has_wildcard = re.compile(r"[*?[]").search


@dataclass(frozen=True, slots=True)
class ImageInput:
    """One image to read.

    Args:
        path: of the file.
        source: what results call it: the file as the user named it, for a folder the folder as
            named and the POSIX path below it.
        target: where results of this image go below a folder of results: a path without `..` that
            mirrors the sub-folders of the source.
    """

    path: Path
    source: str
    target: PurePosixPath


@dataclass(frozen=True, slots=True)
class VideoInput:
    """One video, camera or network stream to read.

    Args:
        spec: the file, the camera or the address, as `open_source` takes it.
        source: what results call it, as for an image; without the password of an address.
        target: as for an image.
        endless: it is a camera or an RTSP stream, which do not end by themselves.
    """

    spec: str
    source: str
    target: PurePosixPath
    endless: bool = False


Input: TypeAlias = ImageInput | VideoInput


def collect_inputs(sources: Sequence[str]) -> list[Input]:
    """Find what a user named, in the order named, each folder sorted.

    A file is taken also if it does not exist, since each bad one is reported in its place; it is an
    image unless its name has the extension of a video. In folders and patterns the extension tells
    both. A number that is no file, `/dev/video0` and addresses are cameras and streams.

    Args:
        sources: files, folders (searched recursively), patterns with `*`, `?`, `[]` or `**`,
            indexes of cameras and addresses of streams.

    Raises:
        UsageError: if something stands behind a camera or RTSP stream, which never ends, or a
            source is empty or a misspelt address.
        YoloFerError: if a folder or a pattern holds neither image nor video.
    """
    found: list[Input] = []
    for source in sources:
        found.extend(_expand(source, prefix=len(sources) > 1))
    for item in found[:-1]:
        if isinstance(item, VideoInput) and item.endless:
            raise UsageError(
                f"{item.source}: it never ends, so nothing can follow it; name it last"
            )
    return found


def collect_images(sources: Sequence[str]) -> list[ImageInput]:
    """Find images only; else as `collect_inputs`.

    Raises:
        UsageError: for a video, a camera or a stream.
        YoloFerError: if a folder or a pattern holds no image.
    """
    images: list[ImageInput] = []
    for item in collect_inputs(sources):
        if isinstance(item, VideoInput):
            raise UsageError(
                f"{item.source}: only images can be read here; give image files, folders or "
                "patterns such as 'in/*.jpg'"
            )
        images.append(item)
    return images


def _expand(source: str, prefix: bool) -> Iterable[Input]:
    if not source:  # the path of an empty name is the current folder
        raise UsageError("a source is empty; give a file, a folder, a camera or an address")
    index = camera_index(source)
    if index is not None:
        return [VideoInput(source, source, PurePosixPath(f"camera{index}"), endless=True)]
    if is_address(source):
        endless = source.lower().startswith("rtsp")
        return [VideoInput(source, without_password(source), _address_target(source), endless)]
    path = Path(source)
    if exists(path) and path.is_dir():
        return _folder(source, path, prefix)
    if not exists(path) and _has_wildcard(source):
        return _pattern(source)
    return [_file(path, source, PurePosixPath(path.name))]


def _file(path: Path, source: str, target: PurePosixPath) -> Input:
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return VideoInput(str(path), source, target)
    return ImageInput(path, source, target)


def _address_target(address: str) -> PurePosixPath:
    name = re.sub(r"[^\w-]+", "-", place_of(address))[:_LONGEST_NAME].strip("-")
    return PurePosixPath(name or "stream")


def _folder(source: str, folder: Path, prefix: bool) -> Iterable[Input]:
    below = sorted(
        (path.relative_to(folder) for path in folder.rglob("*") if _is_wanted(path)),
        key=PurePosixPath,
    )
    if not below:
        listed = ", ".join(sorted(SUFFIXES | VIDEO_SUFFIXES))
        raise YoloFerError(f"{source}: no image and no video in this folder ({listed})")
    # Two folders may hold the same names; `resolve` names a folder that is given as `.` or `..`.
    base = PurePosixPath(folder.resolve().name if prefix else "")
    start = source.rstrip("/\\") or source
    separator = "" if start.endswith(("/", "\\")) else "/"
    return [
        _file(folder / path, f"{start}{separator}{path.as_posix()}", base / path.as_posix())
        for path in below
    ]


def _pattern(source: str) -> Iterable[Input]:
    parts = Path(source).parts
    first = next(number for number, part in enumerate(parts) if _has_wildcard(part))
    anchor = Path(*parts[:first])
    try:
        wanted = sorted(filter(_is_wanted, anchor.glob("/".join(parts[first:]))))
    except OSError:  # a part of 300 characters
        wanted = []
    if not wanted:
        raise YoloFerError(f"{source}: no image and no video matches this pattern")
    return [
        _file(path, path.as_posix(), PurePosixPath(path.relative_to(anchor).as_posix()))
        for path in wanted
    ]


def _is_wanted(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES | VIDEO_SUFFIXES and path.is_file()
