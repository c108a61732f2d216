"""From images to faces: a network with its input's size, its classes and its output's layout."""

from __future__ import annotations

import math
import time
import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolo_fer import boxes as geometry
from yolo_fer.arguments import check_number
from yolo_fer.detector.batches import BatchRunner
from yolo_fer.detector.decode import (
    Detections,
    Layout,
    check_output,
    decode,
    find_fault,
    recognise_layout,
)
from yolo_fer.detector.network import Network
from yolo_fer.detector.preprocess import Letterbox
from yolo_fer.detector.second_look import LEAST_SCORE, SecondLook, second_looks
from yolo_fer.emotions import match_class_names
from yolo_fer.errors import UnusedArgumentError, YoloFerError, YoloFerWarning
from yolo_fer.images import Image
from yolo_fer.results import FacePrediction, check_max_faces, warn_of_left_out

IOU = 0.5
"""Boxes with a greater overlap are one face, if nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class FaceLimits:
    """Which boxes are given as faces.

    Args:
        conf: the least score of a face, 0 to 1.
        iou: two boxes with a greater overlap are one face, 0 to 1.
        max_faces: the most faces of one image, the best.

    Raises:
        UsageError: if one is out of range.
    """

    conf: float
    iou: float
    max_faces: int

    def __post_init__(self) -> None:
        check_number("conf", self.conf, 0, 1)
        check_number("iou", self.iou, 0, 1)
        check_max_faces(self.max_faces)


@dataclass(frozen=True, slots=True)
class Found:
    """The faces of one image, and its share of the time.

    Args:
        faces: best score first, with boxes in pixels of the image.
        network_ms: the milliseconds that the network took.
        rest_ms: milliseconds of scaling the image and decoding the output.
    """

    faces: tuple[FacePrediction, ...]
    network_ms: float
    rest_ms: float

    def cut(self, limits: FaceLimits) -> Found:
        """Return it with the faces that are asked for alone."""
        faces = [face for face in self.faces if face.score >= limits.conf]
        return replace(self, faces=tuple(faces[: limits.max_faces]))


class FaceNetwork:
    """A network of YOLO's kind that knows emotions.

    Args:
        path: the file of the network, for messages.
        network: the network that is run.
        imgsz: the longer side of its input in pixels, rounded up to a multiple of its stride; None
            takes what the file says.
        second_look: whether an image with large faces is looked at again, where the file says so.

    Raises:
        UsageError: if the network cannot take this size.
        YoloFerError: if it is not a detector of emotions or cannot run.
    """

    def __init__(
        self, path: Path, network: Network, imgsz: int | None, second_look: bool = True
    ) -> None:
        self._name = path.name
        self._network = network
        self._runner = BatchRunner(path.name, network)
        self.limit = _input_limit(path, network, imgsz)
        """Height and width of the largest input."""
        self._stride = 0 if network.fixed_size else network.metadata.stride
        sides = network.metadata.second_look if second_look and not network.fixed_size else None
        self._second_looks = () if sides is None else second_looks(**sides)
        self._is_faulty = False  # and it has been said
        try:
            self._classes, foreign = match_class_names(network.metadata.names)
            self._layout = self._try_network()
        except YoloFerError as error:
            raise YoloFerError(f"{path}: {error}") from error
        self._warn(foreign)

    def find(self, images: Sequence[Image], limits: FaceLimits, batch: int) -> list[Found]:
        """Find the faces of images of any sizes.

        Images whose inputs have the same shape go through the network together. None gets other
        padding for that than alone, because more padding changes what is found. Where the file of
        the network says so, an image with a large face, or room for one that is larger than the
        network's boxes, is looked at again on a smaller copy.

        Args:
            images: each (height, width, 3) BGR, 0 to 255.
            limits: the least score of a face and the greatest number of faces.
            batch: the most images of one run.

        Returns:
            The faces of each image, in order.
        """
        letterboxes = [self._fit(image, self.limit) for image in images]
        found = self._find_at(images, letterboxes, limits, batch)
        if not self._second_looks:
            return found
        for look in self._second_looks:
            self._look_again(look, images, letterboxes, found, limits, batch)
        return [one.cut(limits) for one in found]

    def _look_again(
        self,
        look: SecondLook,
        images: Sequence[Image],
        letterboxes: Sequence[Letterbox],
        found: list[Found],
        limits: FaceLimits,
        batch: int,
    ) -> None:
        """Look at the images that need it on a smaller copy, and change what was found there."""
        smaller: dict[int, Letterbox] = {}
        for number, (first, letterbox) in enumerate(zip(found, letterboxes, strict=True)):
            scale = look.scale(first.faces, letterbox.gain, letterbox.image_size)
            if scale is not None:
                height, width = (_round_up(scale * side, self._stride) for side in self.limit)
                smaller[number] = self._fit(images[number], (height, width))
        chosen = [images[number] for number in smaller]
        again = self._find_at(chosen, list(smaller.values()), limits, batch)
        for number, second in zip(smaller, again, strict=True):
            first, gain = found[number], letterboxes[number].gain
            found[number] = Found(
                look.merged(first.faces, second.faces, gain),
                first.network_ms + second.network_ms,
                first.rest_ms + second.rest_ms,
            )

    def _fit(self, image: Image, limit: tuple[int, int]) -> Letterbox:
        return Letterbox.fit((image.shape[0], image.shape[1]), limit, self._stride)

    def _find_at(
        self,
        images: Sequence[Image],
        letterboxes: Sequence[Letterbox],
        limits: FaceLimits,
        batch: int,
    ) -> list[Found]:
        alike: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, letterbox in enumerate(letterboxes):
            alike[letterbox.input_size].append(number)
        found: dict[int, Found] = {}
        for numbers in alike.values():
            for start in range(0, len(numbers), batch):
                some = numbers[start : start + batch]
                chosen = [(images[number], letterboxes[number]) for number in some]
                found.update(zip(some, self._find_together(chosen, limits), strict=True))
        return [found[number] for number in range(len(images))]

    def _find_together(
        self, images: Sequence[tuple[Image, Letterbox]], limits: FaceLimits
    ) -> list[Found]:
        began = time.perf_counter()
        inputs = [letterbox.apply(image) for image, letterbox in images]
        scaled = time.perf_counter()
        outputs = self._runner.run(inputs)
        ran = time.perf_counter()
        faces = [
            self._decoded(output, letterbox, limits)
            for output, (_, letterbox) in zip(outputs, images, strict=True)
        ]
        rest = scaled - began + time.perf_counter() - ran
        share = 1000 / len(images)
        return [Found(some, share * (ran - scaled), share * rest) for some in faces]

    def _decoded(
        self, output: NDArray[np.float32], letterbox: Letterbox, limits: FaceLimits
    ) -> tuple[FacePrediction, ...]:
        detections = decode(
            output,
            self._layout,
            self._classes,
            conf=min(limits.conf, LEAST_SCORE) if self._second_looks else limits.conf,
            iou=limits.iou,
            max_faces=limits.max_faces,
        )
        if detections.best_left_out >= limits.conf:
            warn_of_left_out(self._name, limits.max_faces, detections.best_left_out)
        if not self._is_faulty and (fault := find_fault(output, self._layout)) is not None:
            self._is_faulty = True
            warnings.warn(
                f"{self._name} returns {fault}. Its faces cannot be relied on.",
                YoloFerWarning,
                stacklevel=3,
            )
        return _faces(detections, letterbox)

    def _try_network(self) -> Layout:
        """Run the network once, so that one that cannot work fails here and not at an image."""
        blank = np.zeros((1, 3, *self.limit), np.float32)
        try:
            (output,) = self._runner.run([blank])
        except Exception as error:  # each runtime has exceptions of its own
            raise YoloFerError(f"the network cannot run ({error})") from error
        metadata = self._network.metadata
        layout = recognise_layout(output.shape, len(metadata.names), metadata.end_to_end)
        check_output(output, layout)
        return layout

    def _warn(self, foreign: list[str]) -> None:
        if foreign:
            warnings.warn(
                f"{self._name}: these classes are none of the seven emotions and are left out: "
                f"{', '.join(foreign)}",
                YoloFerWarning,
                stacklevel=4,
            )
        if self._layout is Layout.END_TO_END:
            warnings.warn(
                f"{self._name}: this graph returns only the best class of a box; the scores of the "
                "other emotions are 0. Export it with yolo-fer export to have all seven.",
                YoloFerWarning,
                stacklevel=4,
            )


def _input_limit(path: Path, network: Network, imgsz: int | None) -> tuple[int, int]:
    """Return the largest input, height and width."""
    if network.fixed_size is not None:
        height, width = network.fixed_size
        if imgsz is not None and imgsz != max(height, width):
            raise UnusedArgumentError(
                f"imgsz {imgsz} is not possible: {path} takes only {width}x{height}. "
                "Leave it out, or export the weights again with dynamic=True.",
                "imgsz",
            )
        return height, width
    stride = network.metadata.stride
    height, width = network.metadata.size if imgsz is None else (imgsz, imgsz)
    return _round_up(height, stride), _round_up(width, stride)


def _round_up(side: float, stride: int) -> int:
    return math.ceil(side / stride) * stride


def _faces(detections: Detections, letterbox: Letterbox) -> tuple[FacePrediction, ...]:
    height, width = letterbox.image_size
    boxes = geometry.clip(letterbox.invert(detections.boxes), width, height)
    return tuple(
        FacePrediction(tuple(box), tuple(scores))
        for box, scores, size in zip(
            boxes.tolist(), detections.scores.tolist(), geometry.area(boxes), strict=True
        )
        if size > 0  # a box in the padding
    )
