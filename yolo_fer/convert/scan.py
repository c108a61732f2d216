"""The first look at every source image: is it usable, what is in it, is it a copy of another?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from yolo_fer import images
from yolo_fer.dataset.duplicates import perceptual_hash
from yolo_fer.errors import FileFault, ImageError, UsageError
from yolo_fer.faces import DEFAULT_FINDER
from yolo_fer.faces.finder import FaceFinder

# Decoded images that wait for the face finder; a camera's photograph takes 70 MB.
_MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class FinderChoice:
    """Which face finder a conversion uses; small enough to travel to a worker process.

    Args:
        name: the name of the finder.
        device: the device that it runs on.
        threshold: the least score of a face, in 0 to 1.
        margin: whether images may be crops of a face, which a finder finds only with a margin
            around them.

    Raises:
        UsageError: if the least score is outside 0 to 1.
    """

    name: str = DEFAULT_FINDER
    device: str = "cpu"
    threshold: float = 0.5
    margin: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise UsageError(f"`face_score` is {self.threshold}; give a score from 0 to 1")

    def load(self) -> FaceFinder:
        """Load the finder, once per process and choice."""
        return _load_finder(self)


@cache
def _load_finder(choice: FinderChoice) -> FaceFinder:
    from yolo_fer.faces import load_finder
    from yolo_fer.faces.margin import WithMargin

    # One thread each: the worker processes use the cores, and sums do not depend on their number.
    finder = load_finder(choice.name, device=choice.device, threshold=choice.threshold, threads=1)
    return WithMargin(finder) if choice.margin else finder


@dataclass(frozen=True, slots=True)
class Scan:
    """What is known of one source file.

    Args:
        file: POSIX path below the image folder.
        size: the size of the file in bytes.
        mtime_ns: the time of the file's last change in nanoseconds; with the size it shows whether
            an old scan still holds.
        sha256: the SHA-256 hash of the file's bytes, empty if it could not be read.
        width: the width of the image as a viewer sees it, in pixels, 0 if it cannot be decoded.
        height: the height, in the unit of the width.
        phash: perceptual hash in hexadecimal, empty if it cannot be decoded.
        found: the corner boxes of a face finder in pixels; None if none was asked.
        reason: why the image is unusable, empty if it is usable.
        detail: the reason in words, for a person.
    """

    file: str
    size: int
    mtime_ns: int
    sha256: str = ""
    width: int = 0
    height: int = 0
    phash: str = ""
    found: tuple[tuple[float, float, float, float], ...] | None = None
    reason: str = ""
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the scan as one line of a journal."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Scan:
        """Read the line of a journal back."""
        found = line.pop("found")
        return cls(**line, found=None if found is None else tuple(tuple(box) for box in found))


def still_holds(scan: Scan, folder: Path) -> bool:
    """Return whether a scan of an earlier run can be used again: its file is as it was then.

    A file that could not be read is looked at once more: it may be open to read by now.

    Args:
        scan: the scan that a journal has.
        folder: the folder that holds the images.
    """
    unchanged = (scan.size, scan.mtime_ns) == signature(folder / scan.file)
    return unchanged and scan.reason != FileFault.UNREADABLE_IMAGE


def scan_images(files: Sequence[str], folder: Path, finder: FinderChoice | None) -> list[Scan]:
    """Read, hash and decode images, and find their faces.

    Args:
        files: POSIX paths below the folder.
        folder: the folder that holds the images.
        finder: None to look for no faces.

    Returns:
        One scan per file, in order; an unusable file has a scan with a reason.
    """
    scans: list[Scan] = []
    decoded: dict[int, images.Image] = {}
    for index, file in enumerate(files):
        size, mtime_ns = signature(folder / file)
        sha256 = ""
        try:
            data = images.read_bytes(folder / file)
            sha256 = hashlib.sha256(data).hexdigest()
            # Grey is all that the hash needs, and a finder takes so long that it may decode again.
            grey = images.decode_grey(data)
            height, width = grey.shape
            images.check_sides(width, height, ".jpg")  # a set is of JPEG files
            if finder is not None:
                decoded[index] = images.decode(data)
        except ImageError as error:
            scans.append(Scan(file, size, mtime_ns, sha256, reason=error.reason, detail=str(error)))
            continue
        phash = perceptual_hash(grey).hex()
        scans.append(Scan(file, size, mtime_ns, sha256, width, height, phash))
        if finder is not None and sum(image.size for image in decoded.values()) > _MOST_BYTES:
            _find_faces(finder, decoded, scans)
    if finder is not None:
        _find_faces(finder, decoded, scans)
    return scans


def _find_faces(finder: FinderChoice, decoded: dict[int, images.Image], scans: list[Scan]) -> None:
    """Add the faces of decoded images to their scans, and forget the images."""
    found = finder.load().find(list(decoded.values()))
    for index, faces in zip(decoded, found, strict=True):
        boxes = tuple((x1, y1, x2, y2) for x1, y1, x2, y2 in faces.boxes.round(2).tolist())
        scans[index] = replace(scans[index], found=boxes)
    decoded.clear()


def signature(path: Path) -> tuple[int, int]:
    """Return size and modification time of a file, zeros if it is not there."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
