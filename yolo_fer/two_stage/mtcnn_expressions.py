"""MTCNN with an expression head as a system of its own: one cascade finds faces and names them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from yolo_fer.emotions import Emotion, match_class_names
from yolo_fer.errors import YoloFerError
from yolo_fer.faces.mtcnn.cascade import DEFAULT_THRESHOLD, Cascade
from yolo_fer.images import Image
from yolo_fer.results import MAX_FACES, Prediction
from yolo_fer.two_stage.conventions import to_expw
from yolo_fer.two_stage.system import FaceSystem, Part


class MtcnnFer(FaceSystem):
    """Finds faces and names their expressions with the three networks of MTCNN.

    The score of a face is O-Net's, that of an emotion the face's times the probability of the
    emotion.

    Args:
        path: the ONNX file that `yolo-fer train-mtcnn` wrote.
        imgsz: images are scaled down to this many pixels at their longer side, never up; None
            leaves it to the cascade.
        conf: the least score of a face, 0 to 1.
        threshold: the least score that O-Net gives a face, in 0 to 1.
        device: `cpu`, `cuda`, `cuda:N` or `auto`.
        threads: the number of threads of ONNX Runtime; None leaves the number to it.
        max_faces: the most faces of one image, the best.

    Raises:
        UsageError: if an argument is out of its range.
        YoloFerError: if the file is no cascade, or one that only finds faces.
    """

    def __init__(
        self,
        path: Path,
        *,
        imgsz: int | None = None,
        conf: float = 0.0,
        threshold: float = DEFAULT_THRESHOLD,
        device: str = "cpu",
        threads: int | None = None,
        max_faces: int = MAX_FACES,
    ) -> None:
        self._cascade = Cascade(path, device=device, threads=threads, threshold=threshold)
        if not self._cascade.names:
            raise YoloFerError(
                f"{path} finds faces and does not name them. Give it a classifier: "
                "`pipeline=mtcnn+CLASSIFIER`"
            )
        try:
            mapped, _ = match_class_names(dict(enumerate(self._cascade.names)))
        except YoloFerError as error:
            raise YoloFerError(f"{path}: {error}") from error
        self._columns = [*mapped]
        self._emotions = [*mapped.values()]
        part = Part(path.stem, self._cascade.weights_sha256, self._cascade.weights_bytes)
        super().__init__(
            (part,), imgsz=imgsz, conf=conf, max_faces=max_faces, advised_conf=DEFAULT_THRESHOLD
        )

    def _predict(self, images: Sequence[Image]) -> list[Prediction]:
        return [self._predict_one(image) for image in images]

    def _predict_one(self, image: Image) -> Prediction:
        view, scale = self._view(image)
        found = self._cascade.find(view)
        named = np.zeros((len(found.boxes), len(Emotion)))
        named[:, self._emotions] = found.emotions[:, self._columns]
        return self._gather(
            image, to_expw("mtcnn", found.boxes / scale), found.scores, lambda rows: named[rows]
        )
