"""Face finders with one protocol; `load_finder` makes one by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

from yolo_fer.errors import UsageError
from yolo_fer.faces.finder import FaceFinder, FoundFaces

__all__ = [
    "DEFAULT_FINDER",
    "FINDERS",
    "WITH_LANDMARKS",
    "FaceFinder",
    "FoundFaces",
    "default_threshold",
    "load_finder",
]

DEFAULT_FINDER = "retinaface"

# Names, not classes: a finder's module is imported when it is asked for.
_CLASSES: dict[str, tuple[str, str]] = {
    "retinaface": ("yolo_fer.faces.retinaface", "RetinaFace"),
    "retinaface-resnet50": ("yolo_fer.faces.retinaface_resnet50", "RetinaFaceResNet50"),
    "mtcnn": ("yolo_fer.faces.mtcnn.mtcnn_finder", "Mtcnn"),
    "haar": ("yolo_fer.faces.haar", "Haar"),
    "yunet": ("yolo_fer.faces.yunet", "YuNet"),
}
FINDERS: tuple[str, ...] = tuple(_CLASSES)
WITH_LANDMARKS: tuple[str, ...] = ("retinaface", "retinaface-resnet50", "yunet")
"""The finders whose faces have five landmarks."""
_SCALING = ("retinaface", "yunet")


def default_threshold(name: str) -> float:
    """Return the least score of a face where a finder's user does not say one, 0 to 1.

    Args:
        name: the name of a face finder, one of `FINDERS`.
    """
    return float(import_module(_CLASSES[name][0]).DEFAULT_THRESHOLD)


def load_finder(
    name: str = DEFAULT_FINDER,
    *,
    device: str = "cpu",
    threads: int | None = None,
    threshold: float | None = None,
    long_side: int | None = None,
) -> FaceFinder:
    """Load a face finder.

    Args:
        name: the name of a face finder, one of `FINDERS`.
        device: `cpu`, `cuda`, `cuda:N` or `auto`.
        threads: the number of threads of one run of the network; None leaves it to its runtime.
        threshold: the least score of a face in 0 to 1; None is the finder's own default.
        long_side: the number of pixels at their longer side to which larger images are scaled down;
            None is the finder's own default. Haar and MTCNN look for faces of all sizes in any
            image and ignore it.

    Raises:
        UsageError: if there is no finder of that name, or an argument is out of its range.
        MissingExtraError: if the finder's package is not installed.
        YoloFerError: if its weights are missing or the device cannot be used.
    """
    if name not in _CLASSES:
        raise UsageError(f"unknown face finder '{name}'. Known are {', '.join(FINDERS)}.")
    module, class_name = _CLASSES[name]
    options: dict[str, Any] = {} if threshold is None else {"threshold": threshold}
    if long_side is not None and name in _SCALING:
        options["long_side"] = long_side
    finder = getattr(import_module(module), class_name)(device=device, threads=threads, **options)
    return cast(FaceFinder, finder)
