"""A detector of expressions as a face finder, to be compared with the others."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from yolo_fer.boxes import clip, expw_to_retinaface
from yolo_fer.convert.rules import BoxConvention
from yolo_fer.detector import Detector
from yolo_fer.errors import YoloFerWarning
from yolo_fer.faces import FoundFaces
from yolo_fer.images import Image
from yolo_fer.results import boxes_of
from yolo_fer.weights import store as named_weights
from yolo_fer.weights.hashes import hash_weights, size_of_weights


class DetectorFinder:
    """Finds faces with a detector and leaves out what it says of their expressions.

    Its boxes are brought to the convention of WIDER FACE, which RetinaFace and most finders have
    learned: weights that say that they learned ExpW's loose squares get them made tighter.

    Args:
        weights: a path, or the name of weights that are shipped or cached; also the finder's name.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        threads: the number of threads of one run; None leaves it to the runtime.
        threshold: the least score of a face, in 0 to 1; None is what the weights advise.
        imgsz: longer side of what the network sees, in pixels; None is what the weights advise.
        trust_weights: load a .pt that can run code.

    Raises:
        UsageError: if an argument is out of its range.
        YoloFerError: if the weights are missing, damaged or not a detector of emotions.
    """

    def __init__(
        self,
        weights: str,
        *,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float | None = None,
        imgsz: int | None = None,
        trust_weights: bool = False,
    ) -> None:
        path = named_weights.resolve(weights)
        self._detector = Detector(
            path,
            imgsz=imgsz,
            conf=threshold,
            device=device,
            threads=threads,
            trust_weights=trust_weights,
        )
        self.name = weights
        self.weights_sha256 = hash_weights(path)
        self.weights_bytes = size_of_weights(path)
        if self._detector.box_convention not in {*BoxConvention}:
            warnings.warn(
                f"{weights} does not say whose boxes it has learned, so they are taken as they "
                "are. If they are ExpW's, which are larger than those of WIDER FACE, it is "
                "measured too badly at the higher IoUs",
                YoloFerWarning,
                stacklevel=2,
            )

    def find(self, images: Sequence[Image]) -> list[FoundFaces]:
        """Find the faces of images of any sizes; see `FaceFinder.find`."""
        return [self._find(image) for image in images]

    def _find(self, image: Image) -> FoundFaces:
        (prediction,) = self._detector.predict([image])
        boxes = boxes_of(prediction.faces)
        scores = np.array([face.score for face in prediction.faces], np.float64)
        if self._detector.box_convention == BoxConvention.EXPW:
            tight = clip(expw_to_retinaface(boxes), prediction.width, prediction.height)
            boxes = np.asarray(tight, np.float64)
        return FoundFaces(boxes, scores)
