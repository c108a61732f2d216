"""The weights that come with the package, as the SHA256SUMS in their folder lists them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from yolo_fer.errors import YoloFerError
from yolo_fer.weights.entry import Entry, Kind, Shipped

SUMS_FILE = "SHA256SUMS"
NETWORK_SUFFIXES = (".onnx", ".pt")
_CLASSIFIERS = ("fer-cnn", "compact-", "resnet", "vgg")


def shipped_folder() -> Path:
    """Return the folder of the weights that come with the package.

    In an installed wheel it lies inside the package, in a checkout next to it.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / "_shipped" / "weights"
    return inside if inside.is_dir() else package.parent / "weights"


def shipped_entries() -> tuple[Entry, ...]:
    """Return the networks that the folder's SHA256SUMS lists, in its order.

    Each is named as its file. One that starts as an architecture of `yolo-fer train-classifier`
    does, or holds `classifier`, is one; one that starts with `mtcnn` is a face finder, perhaps with
    expressions; the others are detectors.

    Raises:
        YoloFerError: if a line of SHA256SUMS is not a hash and a file name.
    """
    return _read_sums(shipped_folder() / SUMS_FILE)


@cache
def _read_sums(path: Path) -> tuple[Entry, ...]:
    if not path.is_file():
        return ()
    entries = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        parsed = re.fullmatch(r"([0-9a-f]{64}) [ *]([^/\\]+)", line)
        if parsed is None:
            raise YoloFerError(f"{path} line {number} is not a SHA-256 and a file name: {line!r}")
        sha256, file = parsed.groups()
        if file.endswith(NETWORK_SUFFIXES):
            licence = "MIT" if file == "mtcnn.onnx" else "AGPL-3.0"  # which is facenet-pytorch's
            entries.append(Entry(file, _kind(file), Shipped(), file, None, sha256, licence))
    return tuple(entries)


def _kind(file: str) -> Kind:
    if file.startswith("mtcnn"):
        return Kind.FACE_FINDER
    is_classifier = file.startswith(_CLASSIFIERS) or "classifier" in file
    return Kind.CLASSIFIER if is_classifier else Kind.DETECTOR
