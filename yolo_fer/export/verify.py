"""Whether an exported network finds the same faces as the one that it was made from."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from yolo_fer.boxes import iou, match
from yolo_fer.detector import Detector
from yolo_fer.detector.preprocess import PADDING
from yolo_fer.emotions import Emotion
from yolo_fer.errors import ImageError, YoloFerError, YoloFerWarning
from yolo_fer.export.formats import Precision
from yolo_fer.images import Image, read
from yolo_fer.inputs.listing import collect_images
from yolo_fer.paths import exists
from yolo_fer.results import FacePrediction, Prediction, boxes_of
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.synthetic.scene_drawing import WantedFace, draw_scene

_LEAST_CONF = 0.01


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an export may be from its original.

    Args:
        iou: the least overlap of the two boxes of a face.
        score: the largest difference of any of its seven scores and of the face's own.
        share: the share of the faces that have to agree so far, 0 to 1.
    """

    iou: float
    score: float
    share: float


# fp16 is computed in bfloat16 where OpenVINO and the CPU can: differences of at most 0.035 and 0.95
# in IoU on ExpW; int8: 0.10 and 0.88.
TOLERANCES = {
    Precision.FP32: Tolerance(iou=0.99, score=1e-3, share=1.0),
    Precision.FP16: Tolerance(iou=0.90, score=0.05, share=0.98),
    Precision.INT8: Tolerance(iou=0.80, score=0.10, share=0.95),
}


@dataclass(frozen=True, slots=True)
class FaceComparison:
    """A face that one of the two networks found, and what the other found there.

    Args:
        iou: the IoU of the two boxes; 0 if the other found nothing there.
        score_difference: the largest, of the seven scores and the face's; 1 if the other found
            nothing there.
    """

    iou: float
    score_difference: float

    def within(self, tolerance: Tolerance) -> bool:
        """Whether both networks mean the same."""
        return self.iou >= tolerance.iou and self.score_difference <= tolerance.score


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an export compares with its original.

    Args:
        tolerance: the tolerance that the export was held to.
        images: the number of images that both were run on.
        original_faces: found by the original at its threshold.
        exported_faces: found by the export at that threshold.
        faces: every face that either found, compared.
    """

    tolerance: Tolerance
    images: int
    original_faces: int
    exported_faces: int
    faces: tuple[FaceComparison, ...]

    @property
    def agreeing(self) -> int:
        """How many faces are within the tolerance."""
        return sum(face.within(self.tolerance) for face in self.faces)

    @property
    def least_iou(self) -> float:
        """Of all faces."""
        return min((face.iou for face in self.faces), default=1.0)

    @property
    def largest_difference(self) -> float:
        """Of the scores of all faces."""
        return max((face.score_difference for face in self.faces), default=0.0)

    @property
    def same(self) -> bool:
        """Whether enough faces agree; where there is no face, nothing has been shown."""
        return bool(self.faces) and self.agreeing >= self.tolerance.share * len(self.faces)


def drawn_images(count: int = 24, seed: int = 0) -> list[Image]:
    """Draw scenes of one to six people, of several shapes."""
    rng = np.random.default_rng(seed)
    shapes = ((416, 312), (312, 416), (640, 360), (416, 416))
    return [
        draw_scene(
            rng, *shapes[number % len(shapes)], [_any_face(rng) for _ in range(1 + number % 6)]
        ).image
        for number in range(count)
    ]


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """Images that are read one at a time while they are gone through; their length is the files'.

    Args:
        paths: the files; those that cannot be read are left out, and a warning says how many.
    """

    paths: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[Image]:
        bad, first = 0, ""
        for path in self.paths:
            try:
                image = read(path)
            except ImageError as error:
                bad, first = bad + 1, first or str(error)
                continue
            yield image
            del image  # before the next one is read
        if bad == len(self.paths):
            raise YoloFerError(f"no image could be read: {first}")
        if bad:
            warnings.warn(f"{bad} images left out: {first}", YoloFerWarning, stacklevel=2)


def read_images(source: Path) -> ImageFiles:
    """Return an image file, or all images of a folder, to be read one by one.

    Going through them raises `YoloFerError` at the end if none can be read.

    Raises:
        YoloFerError: if there are none.
        UsageError: if it is a video.
    """
    paths = tuple(item.path for item in collect_images([str(source)]))
    if not any(map(exists, paths)):
        raise YoloFerError(f"no image could be read: {source} does not exist")
    return ImageFiles(paths)


def _any_face(rng: np.random.Generator) -> WantedFace:
    return WantedFace(Emotion(int(rng.integers(len(Emotion)))))


def verify(
    original: str,
    exported: str,
    images: Sequence[Image] | ImageFiles,
    tolerance: Tolerance,
    progress: Progress[Image] = no_progress,
) -> Verdict:
    """Run two networks on the same images and compare their faces.

    Both look once: an export of a fixed size can do no more, and a face of just the size from which
    on an image is looked at again would be two different ones.

    A face that one of them scores above the threshold has to have its counterpart in the other
    within the tolerance, also where that one's score falls just short of the threshold.

    Args:
        original: weights as `Detector` takes them.
        exported: the same for the exported network.
        images: each (height, width, 3) BGR; of files, one is in memory at a time.
        tolerance: what counts as the same.
        progress: wraps an iterable of known length to show how far it is.

    Raises:
        YoloFerError: if one of them cannot be loaded, or no image can be read.
    """
    threshold = Detector(original).conf
    low = max(_LEAST_CONF, threshold - tolerance.score)
    # The export is our own, of weights that were loaded in safe mode.
    export = Detector(exported, conf=low, trust_weights=True, second_look=False)
    source = Detector(original, conf=low, imgsz=export.imgsz, second_look=False)
    compared: list[FaceComparison] = []
    found = [0, 0]
    count = 0
    for image in progress(images, "verify", len(images)):
        count += 1
        fitted = image if export.input_size is None else _padded_to(image, export.input_size)
        (first,), (second,) = source.predict([fitted]), export.predict([fitted])
        compared += compare(first, second, threshold)
        for index, prediction in enumerate((first, second)):
            found[index] += sum(face.score >= threshold for face in prediction.faces)
    return Verdict(tolerance, count, found[0], found[1], tuple(compared))


def compare(first: Prediction, second: Prediction, threshold: float) -> list[FaceComparison]:
    """Compare every face of an image that either prediction scores at least `threshold`."""
    pairs = match(boxes_of(first.faces), boxes_of(second.faces), 0.3)
    compared = [
        _compare_pair(first.faces[i], second.faces[j])
        for i, j in pairs
        if max(first.faces[i].score, second.faces[j].score) >= threshold
    ]
    for prediction, used in ((first, {i for i, _ in pairs}), (second, {j for _, j in pairs})):
        alone = (f for number, f in enumerate(prediction.faces) if number not in used)
        compared += [FaceComparison(0.0, 1.0) for face in alone if face.score >= threshold]
    return compared


def _compare_pair(a: FacePrediction, b: FacePrediction) -> FaceComparison:
    overlap = float(iou(boxes_of([a]), boxes_of([b]))[0, 0])
    pairs = zip((*a.scores, a.score), (*b.scores, b.score), strict=True)
    return FaceComparison(overlap, max(abs(p - q) for p, q in pairs))


def _padded_to(image: Image, size: tuple[int, int]) -> Image:
    """Pad an image to the shape of a fixed input: the original would else see less padding."""
    height, width = image.shape[:2]
    below = max(0, round(width * size[0] / size[1]) - height)
    right = max(0, round(height * size[1] / size[0]) - width)
    return np.asarray(
        cv2.copyMakeBorder(
            image, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(PADDING, PADDING, PADDING)
        )
    )
