"""The cascade of MTCNN on ONNX Runtime: one file, three networks, perhaps with expressions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import Boxes, nms, overlap_with_smaller
from yolo_fer.errors import YoloFerError
from yolo_fer.faces.finder import check_threshold
from yolo_fer.faces.mtcnn.geometry import (
    OUTPUT_SIDE,
    PROPOSAL_SIDE,
    REFINE_SIDE,
    calibrate,
    cell_boxes,
    crop,
    pyramid_scales,
    resize,
    squares,
    to_input,
)
from yolo_fer.images import Image
from yolo_fer.images.fitting import shrink
from yolo_fer.runtime.onnx_runtime import open_session, read_metadata
from yolo_fer.weights.hashes import sha256_of

OWN_KEY = "yolo_fer"
"""The metadata key of a cascade's JSON object: {"task": "mtcnn", "names": [], "thresholds": []}."""
TASK = "mtcnn"
# Each input belongs to one network; see `_run`.
INPUTS = {"level": PROPOSAL_SIDE, "small": REFINE_SIDE, "large": OUTPUT_SIDE}
"""The names of the graph's inputs, with the side of what each network looks at."""

DEFAULT_THRESHOLD = 0.7
DEFAULT_THRESHOLDS = 0.6, 0.7
"""The least scores with which P-Net and R-Net let a window through, if a file has no others."""
_LEVEL_IOU, _MERGE_IOU = 0.5, 0.7  # the suppression within a scale, and at every later point
_LEAST_FACE = 20.0  # pixels
_LONG_SIDE = 1920  # a larger image would be seen at a level of more than two million pixels
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Windows:
    """Squares that a network takes for faces, best first.

    Args:
        boxes: (N, 4) corners in pixels; they may pass the image's edge.
        scores: (N,) in 0 to 1.
    """

    boxes: Boxes
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CascadeFaces:
    """The faces of one image, best first.

    Args:
        boxes: (N, 4) corners in pixels; they may pass the image's edge.
        scores: (N,) in 0 to 1.
        emotions: (N, C) probabilities in the order of the cascade's `names`; C is 0 without them.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    emotions: NDArray[np.float64]


class Cascade:
    """P-Net, R-Net and O-Net.

    Args:
        path: the ONNX file that `mtcnn.networks.export_cascade` wrote.
        device: `cpu`, `cuda`, `cuda:N` or `auto`.
        threads: the number of threads of ONNX Runtime; None leaves the number to it.
        threshold: the least score of a face from O-Net, 0 to 1.

    Raises:
        UsageError: if an argument is out of its range.
        YoloFerError: if the file cannot be read or is no cascade.
    """

    def __init__(
        self,
        path: Path,
        *,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> None:
        check_threshold(threshold)
        self._session = open_session(path, device=device, threads=threads)
        self._threshold = threshold
        self.names, self._thresholds = _read_own(path, self._session)
        self.weights_sha256 = sha256_of(path)
        self.weights_bytes = path.stat().st_size

    def find(self, image: Image) -> CascadeFaces:
        """Find the faces of an image of any size."""
        seen, scale = shrink(image, _LONG_SIDE)
        found = self.finish(seen, self.refine(seen, self.propose(seen).boxes).boxes)
        return CascadeFaces(found.boxes / scale, found.scores, found.emotions)

    def propose(self, image: Image) -> Windows:
        """Return the squares that P-Net takes for faces."""
        height, width = image.shape[:2]
        boxes: list[Boxes] = [np.empty((0, 4))]
        scores, offsets = [np.empty(0)], [np.empty((0, 4))]
        for scale in pyramid_scales(height, width, _LEAST_FACE):
            level = to_input(resize(image, scale)[None])
            face, offset = self._run("level", level, ["level_face", "level_offsets"])
            rows, columns = np.nonzero(face[0] >= self._thresholds[0])
            found = cell_boxes(rows, columns, scale)
            score = face[0, rows, columns].astype(np.float64)
            kept = nms(found, score, _LEVEL_IOU)
            boxes.append(found[kept])
            scores.append(score[kept])
            offsets.append(offset[0][:, rows, columns].T[kept])
        joined, score = np.concatenate(boxes), np.concatenate(scores)
        kept = nms(joined, score, _MERGE_IOU)
        moved = squares(calibrate(joined[kept], np.concatenate(offsets)[kept]))
        return Windows(moved, score[kept])

    def refine(self, image: Image, boxes: Boxes) -> Windows:
        """Return the squares among P-Net's (N, 4) that R-Net takes for faces, moved."""
        face, offsets = self._classify("small", image, boxes, ["small_face", "small_offsets"])
        likely = np.flatnonzero(face >= self._thresholds[1])
        kept = likely[nms(boxes[likely], face[likely], _MERGE_IOU)]
        return Windows(squares(calibrate(boxes[kept], offsets[kept])), face[kept])

    def finish(self, image: Image, boxes: Boxes) -> CascadeFaces:
        """Return what O-Net says of R-Net's squares."""
        wanted = ["large_face", "large_offsets", *(["large_emotions"] if self.names else [])]
        face, offsets, *named = self._classify("large", image, boxes, wanted)
        emotions = named[0] if named else np.empty((len(boxes), 0))
        likely = np.flatnonzero(face > self._threshold)
        moved = calibrate(boxes[likely], offsets[likely])
        # A box within another one has a small IoU with it and still is the same face.
        kept = nms(moved, face[likely], _MERGE_IOU, overlap=overlap_with_smaller)
        found = np.asarray(moved[kept], np.float64)
        return CascadeFaces(found, face[likely][kept], emotions[likely][kept])

    def name_faces(self, image: Image, boxes: Boxes) -> NDArray[np.float64]:
        """Return the (N, C) probabilities of the emotions at squares, faces or not."""
        (emotions,) = self._classify("large", image, boxes, ["large_emotions"])
        return emotions

    def _classify(
        self, name: str, image: Image, boxes: Boxes, wanted: list[str]
    ) -> list[NDArray[np.float64]]:
        """Show R-Net or O-Net squares of an image, some at a time: a crowd fills the memory."""
        parts = [
            self._run(name, to_input(crop(image, boxes[i : i + _BATCH], INPUTS[name])), wanted)
            for i in range(0, max(1, len(boxes)), _BATCH)
        ]
        return [np.concatenate(part).astype(np.float64) for part in zip(*parts, strict=True)]

    def _run(
        self, name: str, batch: NDArray[np.float32], wanted: list[str]
    ) -> list[NDArray[np.float32]]:
        """Run one of the three networks; the other two get no crops, which costs them nothing."""
        feed = {
            other: np.empty((0, 3, side, side), np.float32)
            for other, side in INPUTS.items()
            if other != name
        }
        return list(self._session.run(wanted, {name: batch, **feed}))


def _read_own(path: Path, session: Any) -> tuple[tuple[str, ...], tuple[float, float]]:
    """Return the emotions that a cascade names, in the order of its output, and its thresholds."""
    own = _own_metadata(read_metadata(path, session))
    if own.get("task") != TASK or {i.name for i in session.get_inputs()} != set(INPUTS):
        raise YoloFerError(
            f"{path} is not an MTCNN cascade. Give an .onnx that `yolo-fer train-mtcnn` wrote."
        )
    try:
        proposal, refine = (float(v) for v in own.get("thresholds", DEFAULT_THRESHOLDS))
        if not (0 <= proposal <= 1 and 0 <= refine <= 1):
            raise ValueError("no scores")
    except (TypeError, ValueError, OverflowError) as error:
        raise YoloFerError(f"{path} is damaged: its thresholds are no two scores") from error
    names = own.get("names", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise YoloFerError(f"{path} is damaged: its names are no list of words")
    return tuple(names), (proposal, refine)


def _own_metadata(metadata: Mapping[str, str]) -> dict[str, Any]:
    try:
        own = json.loads(metadata.get(OWN_KEY, "{}"))
    except (ValueError, RecursionError):
        return {}
    return own if isinstance(own, dict) else {}
