"""A two-stage system: a face finder, and a classifier of each face that it finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolo_fer.arguments import check_number
from yolo_fer.errors import UsageError
from yolo_fer.faces import (
    FINDERS,
    WITH_LANDMARKS,
    FaceFinder,
    FoundFaces,
    default_threshold,
    load_finder,
)
from yolo_fer.faces.mtcnn.cascade import DEFAULT_THRESHOLD as MTCNN_THRESHOLD
from yolo_fer.images import Image
from yolo_fer.results import MAX_FACES, Prediction
from yolo_fer.two_stage.classifier import Classifier
from yolo_fer.two_stage.conventions import to_expw
from yolo_fer.two_stage.mtcnn_expressions import MtcnnFer
from yolo_fer.two_stage.naming import Namer
from yolo_fer.two_stage.system import SEPARATOR, FaceSystem, Part
from yolo_fer.weights import store as weights
from yolo_fer.weights.entry import Kind, Shipped
from yolo_fer.weights.shipped import shipped_entries

MTCNN_FER = "mtcnn-fer"
"""The shipped MTCNN with an expression head."""
_LEAST_LONG_SIDE = 32  # of a finder; an input that is smaller is the system's to refuse
_LEAST_FACE_SCORE, _LARGEST_FACE_SCORE = 0.001, 0.999  # a finder's threshold lies between 0 and 1


class TwoStage(FaceSystem):
    """Finds faces with one network and names their expressions with another.

    The score of a face is the finder's, that of an emotion the face's times the probability of the
    emotion. Several classifiers are joined by the mean of their probabilities.

    Example:
        >>> system = load_pipeline("retinaface+fer-cnn")  # doctest: +SKIP
        >>> for face in system("photo.jpg").faces:  # doctest: +SKIP
        ...     print(face.emotion.label, face.score, face.box)

    Args:
        finder: finds the faces.
        classifiers: the classifiers of their crops, at least one.
        imgsz: images are scaled down to this many pixels at their longer side before faces are
            looked for, never up; crops are cut out of the whole image. None leaves it to the
            finder.
        conf: the least score of a face, 0 to 1.
        max_faces: the most faces of one image, the best.

    Raises:
        UsageError: if an argument is out of its range, or a classifier needs landmarks that the
            finder does not give.
        YoloFerError: if the classes of a classifier name no emotion.
    """

    def __init__(
        self,
        finder: FaceFinder,
        *classifiers: Classifier,
        imgsz: int | None = None,
        conf: float = 0.0,
        max_faces: int = MAX_FACES,
    ) -> None:
        if not classifiers:
            raise UsageError("a two-stage system needs a classifier")
        self._finder = finder
        self._namers = [Namer(classifier) for classifier in classifiers]
        for namer, classifier in zip(self._namers, classifiers, strict=True):
            if namer.needs_landmarks and finder.name not in WITH_LANDMARKS:
                raise UsageError(
                    f"{classifier.name} needs the landmarks of each face, which {finder.name} does "
                    f"not give; use one of the finders {', '.join(WITH_LANDMARKS)}"
                )
        parts = (Part.of(finder), *map(Part.of, classifiers))
        advised = default_threshold(finder.name) if finder.name in FINDERS else 0.0
        super().__init__(parts, imgsz=imgsz, conf=conf, max_faces=max_faces, advised_conf=advised)

    def _predict(self, images: Sequence[Image]) -> list[Prediction]:
        views = [self._view(image) for image in images]
        found = self._finder.find([view for view, _ in views])
        return [
            self._name(image, faces, scale)
            for image, (_, scale), faces in zip(images, views, found, strict=True)
        ]

    def _name(self, image: Image, found: FoundFaces, scale: float) -> Prediction:
        """Name the faces that were found in the image, scaled."""
        squares = to_expw(self._finder.name, found.boxes / scale)
        landmarks = None if found.landmarks is None else found.landmarks / scale

        def name(rows: NDArray[np.intp]) -> NDArray[np.float64]:
            points = None if landmarks is None else landmarks[rows]
            named = [namer.probabilities(image, squares[rows], points) for namer in self._namers]
            return np.asarray(np.mean(named, axis=0))

        return self._gather(image, squares, found.scores, name)


def load_pipeline(
    spec: str,
    *,
    imgsz: int | None = None,
    conf: float | None = None,
    device: str = "auto",
    threads: int | None = None,
    max_faces: int = MAX_FACES,
) -> FaceSystem:
    """Load the system that the command line calls FINDER+CLASSIFIER.

    Args:
        spec: the name of a face finder, and the name or ONNX file of a classifier; with several
            classifiers, as in `mtcnn+fer-cnn+compact-resnet`, the mean of their probabilities
            counts. Or an MTCNN with an expression head: `mtcnn-fer`, or the ONNX file that
            `yolo-fer train-mtcnn` wrote.
        imgsz: longer side of what the finder sees, in pixels; None is its own.
        conf: the least score of a face, 0 to 1; None reports every face that the finder by its own
            threshold takes for one.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        threads: the number of threads of each network; None lets the runtime choose.
        max_faces: the most faces of one image, the best.

    Raises:
        UsageError: if there is no such finder or classifier, or an argument is out of its range.
        MissingExtraError: if a package of the finder is not installed.
        YoloFerError: if weights are missing or damaged, or the device cannot be used.
    """
    threshold = None
    if conf is not None:
        check_number("conf", conf, 0, 1)
        # The score of a face is the finder's: what is below need not be classified.
        threshold = min(max(conf, _LEAST_FACE_SCORE), _LARGEST_FACE_SCORE)
    finder_name, plus, rest = spec.partition(SEPARATOR)
    is_file = finder_name not in FINDERS and Path(spec).is_file()
    if is_file or spec.removesuffix(".onnx") == MTCNN_FER:
        return MtcnnFer(
            weights.resolve(spec),
            imgsz=imgsz,
            conf=conf or 0.0,
            threshold=MTCNN_THRESHOLD if threshold is None else threshold,
            device=device,
            threads=threads,
            max_faces=max_faces,
        )
    if not plus or finder_name not in FINDERS:
        raise UsageError(
            f"'{spec}' is neither of the form FINDER+CLASSIFIER nor {MTCNN_FER} nor a file of "
            f"`yolo-fer train-mtcnn`. Finders are {', '.join(FINDERS)}; {_known_classifiers()}"
        )
    paths = [_find_classifier(name) for name in _classifier_names(rest)]
    finder = load_finder(
        finder_name,
        device=device,
        threads=threads,
        threshold=threshold,
        long_side=None if imgsz is None else max(imgsz, _LEAST_LONG_SIDE),
    )
    classifiers = [Classifier(path, device=device, threads=threads) for path in paths]
    return TwoStage(finder, *classifiers, imgsz=imgsz, conf=conf or 0.0, max_faces=max_faces)


def shipped_classifiers() -> tuple[str, ...]:
    """Return the names of the classifiers that come with yolo-fer."""
    return tuple(
        Path(entry.file).stem
        for entry in shipped_entries()
        if entry.kind is Kind.CLASSIFIER and entry.file.endswith(".onnx")
    )


def fetched_classifiers() -> tuple[str, ...]:
    """Return the names of the classifiers that do not come with yolo-fer, but can be fetched."""
    return tuple(
        entry.name
        for entry in weights.entries()
        if entry.kind is Kind.CLASSIFIER and not isinstance(entry.source, Shipped)
    )


def _classifier_names(rest: str) -> list[str]:
    return [rest] if Path(rest).exists() else rest.split(SEPARATOR)  # a path may hold the sign


def _find_classifier(name: str) -> Path:
    known = (*shipped_classifiers(), *fetched_classifiers())
    if Path(name).is_file() or name.removesuffix(".onnx") in known:
        return weights.resolve(name)
    raise UsageError(f"there is no classifier '{name}'; {_known_classifiers()}")


def _known_classifiers() -> str:
    known = ", ".join((*shipped_classifiers(), *fetched_classifiers()))
    return f"classifiers are {known} or an .onnx file that `yolo-fer train-classifier` wrote"
