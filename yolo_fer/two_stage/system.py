"""What all systems that find faces and then name them have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolo_fer import boxes as geometry
from yolo_fer.arguments import check_number, check_whole_number
from yolo_fer.faces import FaceFinder
from yolo_fer.images import Image, check, read_reduced
from yolo_fer.images.fitting import shrink
from yolo_fer.results import FacePrediction, Prediction, check_max_faces, warn_of_left_out
from yolo_fer.two_stage.classifier import Classifier

SEPARATOR = "+"
"""Stands between the names of the parts of a system."""


@dataclass(frozen=True, slots=True)
class Part:
    """One network, or cascade, of a system.

    Args:
        name: the name of the face finder or the classifier.
        weights_sha256: the SHA-256 hash of its weights.
        weights_bytes: their size.
    """

    name: str
    weights_sha256: str
    weights_bytes: int

    @classmethod
    def of(cls, network: FaceFinder | Classifier) -> Part:
        """Describe a face finder or a classifier."""
        return cls(network.name, network.weights_sha256, network.weights_bytes)


class FaceSystem(ABC):
    """Finds faces and then names their expressions, with the detector's result type.

    The score of a face is the finder's. That of an emotion is the face's times the probability that
    the classifier gives the emotion, so that the probabilities of a face are the classifier's.

    Args:
        parts: the networks of the system.
        imgsz: images are scaled down to this many pixels at their longer side before faces are
            looked for, never up. None leaves it to the finder.
        conf: the least score of a face, 0 to 1.
        max_faces: the most faces of one image, the best.
        advised_conf: the finder's own threshold, with which it works if nobody says a `conf`.

    Raises:
        UsageError: if an argument is out of its range.
    """

    def __init__(
        self,
        parts: tuple[Part, ...],
        *,
        imgsz: int | None,
        conf: float,
        max_faces: int,
        advised_conf: float,
    ) -> None:
        if imgsz is not None:
            check_whole_number("imgsz", imgsz, 1)
        check_number("conf", conf, 0, 1)
        check_max_faces(max_faces)
        self.parts = parts
        self.imgsz = imgsz
        self.conf = conf
        self.max_faces = max_faces
        self.advised_conf = advised_conf

    @property
    def name(self) -> str:
        """The names of its parts, for example `retinaface+fer-cnn`."""
        return SEPARATOR.join(part.name for part in self.parts)

    def __call__(self, image: Image | str | Path) -> Prediction:
        """Find the faces of one image.

        Args:
            image: a file, or (height, width, 3) BGR, 0 to 255.

        Raises:
            ImageError: if the image cannot be read.
        """
        if isinstance(image, str | Path):
            pixels, size = read_reduced(Path(image))
            return replace(self.predict([pixels])[0].resized(*size), source=str(image))
        return replace(self.predict([image])[0], image=image)

    def predict(self, images: Sequence[Image]) -> list[Prediction]:
        """Find the faces of images of any sizes; see `Predictor.predict`."""
        for image in images:
            check(image)
        return self._predict(images)

    def input_scale(self, width: int, height: int) -> float:
        """Return how many pixels of what the finder is given there are for one of an image."""
        return 1.0 if self.imgsz is None else min(1.0, self.imgsz / max(width, height))

    @abstractmethod
    def _predict(self, images: Sequence[Image]) -> list[Prediction]:
        """Find the faces of arrays that are images."""

    def _view(self, image: Image) -> tuple[Image, float]:
        return (image, 1.0) if self.imgsz is None else shrink(image, self.imgsz)

    def _gather(
        self,
        image: Image,
        squares: geometry.Boxes,
        face_scores: NDArray[np.float64],
        name: Callable[[NDArray[np.intp]], NDArray[np.floating[Any]]],
    ) -> Prediction:
        """Put a prediction together; `name` returns the (M, 7) probabilities of M of the faces.

        A face whose scores are not finite is none.
        """
        height, width = image.shape[:2]
        boxes = geometry.clip(squares, width, height)
        inside = np.flatnonzero(geometry.area(boxes) > 0)
        if len(inside) > self.max_faces and face_scores[inside[self.max_faces]] >= self.conf:
            best_left_out = float(face_scores[inside[self.max_faces]])
            warn_of_left_out(self.name, self.max_faces, best_left_out)
        inside = inside[: self.max_faces]
        if not inside.size:
            return Prediction("", width, height)
        found = np.clip(face_scores[inside], 0, 1)
        scores = np.clip(found[:, None] * name(inside), 0, 1)
        usable = np.isfinite(scores).all(axis=1) & (found >= self.conf)
        order = [i for i in np.argsort(-found, kind="stable") if usable[i]]
        faces = zip(
            boxes[inside][order].tolist(),
            scores[order].tolist(),
            found[order].tolist(),
            strict=True,
        )
        return Prediction(
            "",
            width,
            height,
            tuple(
                FacePrediction(tuple(box), tuple(row), finder_score=score)
                for box, row, score in faces
            ),
        )
