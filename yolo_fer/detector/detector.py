"""The detector: from images to faces with their expressions."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from yolo_fer import boxes as geometry
from yolo_fer.detector.decode import (
    Detections,
    Layout,
    check_output,
    decode,
    find_fault,
    recognise_layout,
)
from yolo_fer.detector.loading import load_network
from yolo_fer.detector.network import Network
from yolo_fer.detector.preprocess import Letterbox
from yolo_fer.emotions import match_class_names
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning
from yolo_fer.images import Image, check, read_reduced
from yolo_fer.inputs.addresses import is_address, without_password
from yolo_fer.results import (
    MAX_FACES,
    FacePrediction,
    Prediction,
    check_max_faces,
    warn_of_left_out,
)
from yolo_fer.weights.store import resolve

if TYPE_CHECKING:
    from yolo_fer.predict.image_files import Predicted

DEFAULT_CONF = 0.25


class Detector:
    """Finds every face in an image and names its expression, in one pass of one network.

    Takes YOLO networks that Ultralytics trained (v3 to 26), as `.onnx` file, OpenVINO folder or
    `.pt` checkpoint. An ONNX file needs neither PyTorch nor Ultralytics.

    Example:
        >>> detector = Detector("weights/best.onnx")  # doctest: +SKIP
        >>> for face in detector("photo.jpg").faces:  # doctest: +SKIP
        ...     print(face.emotion.label, face.score, face.box)

    Args:
        weights: a path, or the name of weights that are shipped or cached.
        imgsz: the longer side of the network's input in pixels, rounded up to a multiple of its
            stride; None takes what the weights were trained or exported for.
        conf: the least score of a face, 0 to 1; None takes what the weights advise, else 0.25.
        iou: two boxes with a greater overlap are one face, 0 to 1.
        max_faces: the most faces of one image, the best; where there are more, a `YoloFerWarning`
            says so.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `N`.
        threads: how many threads a run uses; None lets the runtime choose.
        trust_weights: load a file that can run code: a `.pt` that holds more than a network, or a
            format that holds a program, such as TorchScript.

    Raises:
        YoloFerError: if the weights are missing, damaged or not a detector of emotions.
        UsageError: if an argument is out of range, or not possible with these weights.
        MissingExtraError: if the weights need a package that is not installed.
    """

    def __init__(
        self,
        weights: str | Path,
        *,
        imgsz: int | None = None,
        conf: float | None = None,
        iou: float = 0.5,
        max_faces: int = MAX_FACES,
        device: str = "auto",
        threads: int | None = None,
        trust_weights: bool = False,
    ) -> None:
        _check_range("conf", conf, 0, 1)
        _check_range("iou", iou, 0, 1)
        _check_range("imgsz", imgsz, 1, 10_000)
        check_max_faces(max_faces)
        path = resolve(weights)
        self._name = path.name
        self._network = load_network(path, device, threads, trust_weights)
        metadata = self._network.metadata
        self._limit = _input_limit(path, self._network, imgsz)
        self._stride = 0 if self._network.fixed_size else metadata.stride
        advised = metadata.advised_conf
        self.advised_conf = DEFAULT_CONF if advised is None else advised
        self.conf = self.advised_conf if conf is None else conf
        self.iou = iou
        self.max_faces = max_faces
        self._is_faulty = False  # and it has been said
        try:
            self._classes, foreign = match_class_names(metadata.names)
            self._layout = self._try_network()
        except YoloFerError as error:
            raise YoloFerError(f"{path}: {error}") from error
        self._warn(foreign)
        if conf is None and metadata.advises_old_conf:
            warnings.warn(
                f"{self._name}: the threshold that it advises is for the largest of seven scores, "
                f"not for that of a face; {self.conf} is used. Give conf, or export it again with "
                "`conf`.",
                YoloFerWarning,
                stacklevel=2,
            )

    @property
    def name(self) -> str:
        """The file name of the weights."""
        return self._name

    @property
    def imgsz(self) -> int:
        """The longer side of the network's input in pixels."""
        return max(self._limit)

    @property
    def box_convention(self) -> str | None:
        """Whose boxes the weights have learned, `expw` or `retinaface`; None if not noted."""
        return self._network.metadata.box_convention

    @property
    def input_size(self) -> tuple[int, int] | None:
        """Height and width of the only input that the network takes; None if it takes any size."""
        return self._network.fixed_size

    def __call__(self, image: Image | str | Path) -> Prediction:
        """Find the faces of one image.

        Args:
            image: a file, or (height, width, 3) BGR, 0 to 255.

        Raises:
            ImageError: if the image cannot be read.
            UsageError: if it is the address of a stream.
        """
        if isinstance(image, str | Path):
            if is_address(str(image)):
                shown = without_password(str(image))
                raise UsageError(f"{shown} is no image; use `stream` to read from an address")
            pixels, size = read_reduced(Path(image))
            return replace(self._predict_one(pixels).resized(*size), source=str(image))
        return self._predict_one(image)

    def predict(self, images: Sequence[Image]) -> list[Prediction]:
        """Find the faces of images of any sizes.

        Args:
            images: each (height, width, 3) BGR, 0 to 255.

        Returns:
            One `Prediction` per image, in order, with an empty `source`.
        """
        return [self._predict_one(image) for image in images]

    def input_scale(self, width: int, height: int) -> float:
        """Return how many pixels of the network's input there are for one of an image."""
        return min(self._limit[0] / height, self._limit[1] / width)

    def stream(
        self,
        source: str | Path | int,
        *,
        track: bool = False,
        smooth: float | None = None,
        trust_certificate: bool = False,
    ) -> Iterator[Predicted]:
        """Find the faces of each frame of a video, a camera or a network stream, in order.

        Of a file no frame is lost. A camera or stream drops old frames when new ones are there, is
        tried again when it goes away, and ends when the loop is left.

        Args:
            source: a video file, the index of a camera (0), or an `rtsp://` or `http://` address.
            track: follow the faces: `face.track` is the same number in all frames.
            smooth: average the scores of each face over its last seconds, so that its label does
                not flicker; 0.5 is a good start. Implies `track`.
            trust_certificate: take any certificate of an `https://` or `rtsps://` server, as of a
                camera that signs its own. Whoever is between can then answer in its place.

        Yields:
            Each frame's pixels and its `Prediction`, with `frame` and `time_ms` set.

        Raises:
            YoloFerError: if nothing can be read from the source. A video that breaks off later
                ends with a `YoloFerWarning`.
            UsageError: if `smooth` is no possible time, or the address has another scheme.
            MissingExtraError: if a package for videos or tracking is not installed.

        Example:
            >>> detector = Detector("weights/best.onnx")  # doctest: +SKIP
            >>> for frame in detector.stream("clip.mp4", smooth=0.5):  # doctest: +SKIP
            ...     for face in frame.prediction.faces:
            ...         print(frame.prediction.time_ms, face.track, face.emotion.label)
        """
        # Here, since streams are built on detectors and not detectors on streams.
        from yolo_fer.inputs.frame_source import open_source
        from yolo_fer.predict.stream import Following, predict_stream, without_errors

        follow = Following(track, smooth).start()
        opened = open_source(source, trust_certificate=trust_certificate)
        return without_errors(predict_stream(self, opened, *follow))

    def _predict_one(self, image: Image) -> Prediction:
        check(image)
        height, width = image.shape[:2]
        letterbox = Letterbox.fit((height, width), self._limit, self._stride)
        output = self._network.run(letterbox.apply(image))
        detections = decode(
            output,
            self._layout,
            self._classes,
            conf=self.conf,
            iou=self.iou,
            max_faces=self.max_faces,
        )
        warn_of_left_out(self._name, self.max_faces, detections.best_left_out)
        if not self._is_faulty and (fault := find_fault(output, self._layout)) is not None:
            self._is_faulty = True
            warnings.warn(
                f"{self._name} gives {fault}. Its faces cannot be relied on.",
                YoloFerWarning,
                stacklevel=3,
            )
        return Prediction("", width, height, _faces(detections, letterbox))

    def _try_network(self) -> Layout:
        """Run the network once, so that one that cannot work fails here and not at an image."""
        blank = np.zeros((1, 3, *self._limit), np.float32)
        try:
            output = self._network.run(blank)
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
                stacklevel=3,
            )
        if self._layout is Layout.END_TO_END:
            warnings.warn(
                f"{self._name}: this graph gives only the best class of a box; the scores of the "
                "other emotions are 0. Export it with yolo-fer export to have all seven.",
                YoloFerWarning,
                stacklevel=3,
            )


def _check_range(flag: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not (isinstance(value, int | float) and low <= value <= high):
        raise UsageError(f"{flag} must lie between {low} and {high}, not at {value}")


def _input_limit(path: Path, network: Network, imgsz: int | None) -> tuple[int, int]:
    """Return the largest input, height and width."""
    if network.fixed_size is not None:
        height, width = network.fixed_size
        if imgsz is not None and imgsz != max(height, width):
            raise UsageError(
                f"imgsz {imgsz} is not possible: {path} takes only {width}x{height}. "
                "Leave it out, or export the weights again with dynamic=True."
            )
        return height, width
    stride = network.metadata.stride
    height, width = network.metadata.size if imgsz is None else (imgsz, imgsz)
    return -(-height // stride) * stride, -(-width // stride) * stride


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
