"""What a figure must name so that somebody else can print it again."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

from yolo_fer import __version__
from yolo_fer.weights.download import sha256_of

_PACKAGES = ("numpy", "opencv-python", "pycocotools", "onnxruntime", "openvino", "torch")


def hash_weights(path: Path) -> str:
    """Return the SHA-256 of weights; of a folder (OpenVINO), that of its `sha256sum` lines."""
    if path.is_file():
        return sha256_of(path)
    lines = (
        f"{sha256_of(file)}  {file.relative_to(path).as_posix()}\n"
        for file in sorted(path.rglob("*"))
        if file.is_file()
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def installed_versions() -> dict[str, str]:
    """Return the versions of the packages that decide the figures, of those that are installed."""
    versions = {"yolo-fer": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
