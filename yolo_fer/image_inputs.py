"""Which images a user means: files, folders with all that lies below, and patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images import SUFFIXES

_VIDEO_SUFFIXES = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm"})

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


def collect_images(sources: Sequence[str]) -> list[ImageInput]:
    """Find the images behind what a user named, in the order named, each folder sorted.

    A file is taken whatever it is called, also if it does not exist, since each bad image is
    reported in its place. In folders and patterns the file name's extension tells the images.

    Args:
        sources: files, folders (searched recursively) and patterns with `*`, `?`, `[]` or `**`.

    Raises:
        UsageError: for a video, a camera or a stream.
        YoloFerError: if a folder or a pattern holds no image.
    """
    found: list[ImageInput] = []
    for source in sources:
        found.extend(_expand(source, prefix=len(sources) > 1))
    return found


def _expand(source: str, prefix: bool) -> Iterable[ImageInput]:
    path = Path(source)
    if path.is_dir():
        return _folder(source, path, prefix)
    if not path.exists():
        if source.isdecimal() or "://" in source:
            raise _not_supported(source, "a camera or stream")
        if _has_wildcard(source):
            return _pattern(source)
    if path.suffix.lower() in _VIDEO_SUFFIXES:
        raise _not_supported(source, "a video")
    return [ImageInput(path, source, PurePosixPath(path.name))]


def _folder(source: str, folder: Path, prefix: bool) -> Iterable[ImageInput]:
    below = sorted(
        (path.relative_to(folder) for path in folder.rglob("*") if _is_image_file(path)),
        key=PurePosixPath,
    )
    if not below:
        raise YoloFerError(f"{source}: no image in this folder ({', '.join(sorted(SUFFIXES))})")
    # Two folders may hold the same names; `resolve` names a folder that is given as `.` or `..`.
    base = PurePosixPath(folder.resolve().name if prefix else "")
    start = source.rstrip("/\\") or source
    separator = "" if start.endswith(("/", "\\")) else "/"
    return [
        ImageInput(folder / path, f"{start}{separator}{path.as_posix()}", base / path.as_posix())
        for path in below
    ]


def _pattern(source: str) -> Iterable[ImageInput]:
    parts = Path(source).parts
    first = next(number for number, part in enumerate(parts) if _has_wildcard(part))
    anchor = Path(*parts[:first])
    matches = anchor.glob("/".join(parts[first:]))
    images = sorted(path for path in matches if _is_image_file(path))
    if not images:
        raise YoloFerError(f"{source}: no image matches this pattern")
    return [
        ImageInput(path, path.as_posix(), PurePosixPath(path.relative_to(anchor).as_posix()))
        for path in images
    ]


def _is_image_file(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _not_supported(source: str, kind: str) -> UsageError:
    return UsageError(
        f"{source}: {kind} cannot be read; give image files, folders or patterns such as 'in/*.jpg'"
    )
