"""What a shell offers where weights are named. It offers files where none of the names fits."""

from __future__ import annotations

from collections.abc import Iterable


def detectors(incomplete: str) -> list[str]:
    """Return the detectors that begin so."""
    return _fitting(incomplete, _entries("detector"))


def checkpoints(incomplete: str) -> list[str]:
    """Return what begins so, and can be exported or trained on."""
    names = _entries("detector", "start")
    return _fitting(incomplete, (n for n in names if not n.endswith((".onnx", "-imagenet"))))


def networks(incomplete: str) -> list[str]:
    """Return the networks that begin so and can be trained."""
    return _fitting(incomplete, ("yolo-fer-n", *(f"yolo11{size}" for size in "nsmlx")))


def classifiers(incomplete: str) -> list[str]:
    """Return the classifiers of face crops that begin so."""
    return _fitting(incomplete, _entries("classifier"))


def pipelines(incomplete: str) -> list[str]:
    """Return the pairs of a face finder and a classifier that begin so."""
    from yolo_fer.faces import FINDERS

    known = _entries("classifier")
    return _fitting(incomplete, (f"{f}+{c}" for f in FINDERS for c in known))


def finders(incomplete: str) -> list[str]:
    """Return the face finders, and the detectors that can be one, that begin so."""
    from yolo_fer.faces import FINDERS

    return _fitting(incomplete, (*FINDERS, *_entries("detector")))


def all_weights(incomplete: str) -> list[str]:
    """Return all weights whose name begins so."""
    return _fitting(incomplete, _entries())


def _entries(*kinds: str) -> list[str]:
    from yolo_fer.weights.store import entries

    return [entry.name for entry in entries() if not kinds or entry.kind in kinds]


def _fitting(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
