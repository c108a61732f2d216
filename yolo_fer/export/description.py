"""What an exported file says about itself: classes, box rules, how it wants its input."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from yolo_fer.detector.face_network import IOU
from yolo_fer.detector.network import OWN_KEY
from yolo_fer.detector.preprocess import PADDING
from yolo_fer.export.formats import Precision

# A date would make two exports of the same weights differ; the description names the data of
# whoever trained them.
_LEFT_OUT = ("date", "docs", "description")

_FILES_KEY = "files"


def describe(
    metadata: Mapping[str, Any], own: Mapping[str, Any], precision: Precision, dynamic: bool
) -> dict[str, Any]:
    """Return the metadata of an exported file: Ultralytics' keys, and our own as one JSON object.

    `Detector` needs no more than this to use the file; the rules are for those who write their own
    code around it.

    Args:
        metadata: what Ultralytics would write.
        own: what the checkpoint says under our key, such as the advised threshold; kept as it is.
        precision: the precision of the file.
        dynamic: whether the network takes inputs of any size, and any number of them at once.
    """
    kept = {key: value for key, value in metadata.items() if key not in _LEFT_OUT}
    # Where the calibration images lie is nobody's business.
    kept["args"] = {k: v for k, v in dict(metadata.get("args") or {}).items() if k != "data"}
    stride = metadata["stride"]
    sizes = (
        f"each side a multiple of {stride}"
        if dynamic
        else "height {}, width {}".format(*metadata["imgsz"])
    )
    images = "any number" if dynamic else "1"
    rules = {
        "precision": str(precision),
        "input": f"({images}, 3, height, width) RGB, 0 to 1; {sizes}; the image scaled to fit, "
        f"centred, padded with {PADDING}/255",
        "output": f"({images}, 4 + classes, N), the raw head: centre x, centre y, width, height in "
        "pixels of the input, then a score of 0 to 1 for each class; no suppression in the graph",
        "suppression": f"over all classes together, by the face's score, IoU {IOU}: one face "
        "has one box and the scores of every class",
        "face_score": "1 - prod(1 - scores of its classes); face_conf is the least that is advised",
    }
    kept[OWN_KEY] = json.dumps({**own, **rules})
    return kept


def with_files(metadata: Mapping[str, Any], files: Iterable[str]) -> dict[str, Any]:
    """Return the metadata of a folder together with the names of all files in it.

    Args:
        metadata: what the folder says about itself.
        files: POSIX paths below the folder.
    """
    own = json.loads(metadata.get(OWN_KEY, "{}"))
    return {**metadata, OWN_KEY: json.dumps({**own, _FILES_KEY: sorted(files)})}


def files_of(metadata: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of `with_files`; none for what was written without it, or is damaged."""
    try:
        own = json.loads(metadata[OWN_KEY])
        return frozenset(map(str, own[_FILES_KEY]))
    except (LookupError, TypeError, ValueError, RecursionError):
        return frozenset()
