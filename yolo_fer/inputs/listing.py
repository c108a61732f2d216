"""What a user names: image and video files, folders, patterns, cameras and network streams."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning
from yolo_fer.inputs.addresses import STDIN, camera_index, is_address, place_of, without_password
from yolo_fer.inputs.file_kinds import FileKind, kind_of
from yolo_fer.inputs.image_address import leads_to_image
from yolo_fer.inputs.object_store import is_object
from yolo_fer.inputs.walking import files_below, has_wildcard, matches_of
from yolo_fer.paths import exists, resolved
from yolo_fer.reason_counts import ReasonCounts

_LONGEST_NAME = 100
"""Characters of an address in a file name."""


@dataclass(frozen=True, slots=True)
class ImageInput:
    """One image to read.

    Args:
        path: the path of the file; for an image that is no file, a name for it.
        source: its name in results: the file as the user named it; in a folder the folder as named
            and the POSIX path below it.
        target: the place of its results below a folder of results: a path without `..` that mirrors
            the sub-folders of the source.
        address: the address of an image on a web server; None for others.
        is_stdin: whether its bytes come from standard input.
    """

    path: Path
    source: str
    target: PurePosixPath
    address: str | None = None
    is_stdin: bool = False

    @property
    def is_file(self) -> bool:
        """Whether it is read from its path."""
        return self.address is None and not self.is_stdin


@dataclass(frozen=True, slots=True)
class VideoInput:
    """One video, camera or network stream to read.

    Args:
        spec: the file, the camera or the address, as `open_source` takes it.
        source: its name in results, as for an image; without the password of an address.
        target: the place of its results, as for an image.
        endless: whether it is a camera or an RTSP stream, which do not end by themselves.
    """

    spec: str
    source: str
    target: PurePosixPath
    endless: bool = False


Input: TypeAlias = ImageInput | VideoInput


def collect_inputs(sources: Sequence[str]) -> list[Input]:
    """Find what a user named, in the order named, each folder sorted.

    The content of a file decides what it is (`kind_of`). One that is named is taken in any case,
    also if it does not exist, since each bad one is reported in its place. What folders and
    patterns hold besides images and videos is left out, and a `YoloFerWarning` says why. A number
    that is no file, `/dev/video0` and addresses are cameras and streams.

    Args:
        sources: files, folders (searched recursively, through links), patterns with `*`, `?`, `[]`
            or `**`, indexes of cameras, addresses of images and streams (the server is asked which
            it is), and `-` for the bytes of an image from standard input.

    Raises:
        UsageError: if something stands after a camera or RTSP stream, which never ends, a source
            is empty or a misspelt address, or standard input is a keyboard or named twice.
        YoloFerError: if a folder or a pattern holds neither image nor video.
    """
    if list(sources).count(STDIN) > 1:
        raise UsageError("- is standard input, which can be read once; name it once")
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
    if source == STDIN:
        return [_standard_input()]
    if is_object(source):
        raise UsageError(
            f"{without_password(source)}: an object store is read as an archive; say with `out` "
            "where its results go"
        )
    if is_address(source):
        shown = without_password(source)
        name = re.sub(r"[^\w-]+", "-", place_of(source))[:_LONGEST_NAME].strip("-")
        target = PurePosixPath(name or "stream")
        if leads_to_image(source):
            return [ImageInput(Path(target), shown, target, address=source)]
        endless = source.lower().startswith("rtsp")
        return [VideoInput(source, shown, target, endless)]
    path = Path(source)
    if exists(path) and path.is_dir():
        return _folder(source, path, prefix)
    if not exists(path) and has_wildcard(source):
        return _pattern(source)
    target = PurePosixPath(path.name)
    if kind_of(path) is FileKind.VIDEO:
        return [VideoInput(str(path), source, target)]
    return [ImageInput(path, source, target)]


def _standard_input() -> ImageInput:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("- is an image's bytes from standard input; pipe some in, as cat a.jpg |")
    return ImageInput(Path("stdin"), STDIN, PurePosixPath("stdin"), is_stdin=True)


def _folder(source: str, folder: Path, prefix: bool) -> Iterable[Input]:
    # Two folders may hold the same names; `resolve` names a folder that is given as `.` or `..`.
    base = PurePosixPath(resolved(folder).name if prefix else "")
    start = source.rstrip("/\\") or source
    separator = "" if start.endswith(("/", "\\")) else "/"
    files = (path.relative_to(folder) for path in files_below(folder))
    below = [(path, path.as_posix()) for path in sorted(files, key=PurePosixPath)]
    named = [(folder / path, f"{start}{separator}{name}", base / name) for path, name in below]
    found = _images_and_videos(source, named)
    if not found:
        raise YoloFerError(f"{source}: no image and no video in this folder")
    return found


def _pattern(source: str) -> Iterable[Input]:
    anchor, matches = matches_of(source)
    named = [
        (path, path.as_posix(), PurePosixPath(path.relative_to(anchor).as_posix()))
        for path in matches
    ]
    found = _images_and_videos(source, named)
    if not found:
        raise YoloFerError(f"{source}: no image and no video matches this pattern")
    return found


def _images_and_videos(
    source: str, files: Iterable[tuple[Path, str, PurePosixPath]]
) -> list[Input]:
    """Keep the images and videos of (path, source, target), and warn of what is left out."""
    found: list[Input] = []
    unused = ReasonCounts()
    for path, name, target in files:
        if path.is_dir():
            unused.note("a folder, which ** searches", name)
            continue
        kind = kind_of(path)
        if kind is FileKind.VIDEO:
            found.append(VideoInput(str(path), name, target))
        elif kind is FileKind.IMAGE:
            found.append(ImageInput(path, name, target))
        else:
            unused.note(kind.value, name)
    warn_of_unused_files(unused, source)
    return found


def warn_of_unused_files(unused: ReasonCounts, folder: str = "") -> None:
    """Warn if some files of a folder are not used; say why, with an example of each reason.

    Args:
        unused: the number of unused files, by reason.
        folder: the folder or pattern as the user named it; empty if there are several.
    """
    if unused:
        reasons = (f"{n} {why} (for example {unused.examples[why]})" for why, n in unused.items())
        start = f"{folder}: " if folder else ""
        warnings.warn(f"{start}left out: {', '.join(reasons)}", YoloFerWarning, stacklevel=2)
