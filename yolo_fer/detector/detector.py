"""The detector: from images to faces with their expressions."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, overload

import numpy as np

from yolo_fer.arguments import check_number, check_whole_number
from yolo_fer.detector.face_network import IOU, FaceLimits, FaceNetwork
from yolo_fer.detector.network import LARGEST_BATCH
from yolo_fer.detector.pictures import ImageLike, Picture, each_image, is_one_image, read_picture
from yolo_fer.detector.predicting import predict_pictures, predict_unread
from yolo_fer.detector.process_network import ProcessNetwork
from yolo_fer.errors import YoloFerWarning
from yolo_fer.results import MAX_FACES, Prediction, check_max_faces

if TYPE_CHECKING:
    from yolo_fer.predict.predicted import Predicted

DEFAULT_CONF = 0.25
_GPU_BATCH = 16
_SomeImage = TypeVar("_SomeImage", bound=ImageLike)


class Detector:
    """Finds every face in an image and names its expression, in one pass of one network.

    Takes YOLO networks that Ultralytics trained (v3 to 26), as `.onnx` file, OpenVINO folder or
    `.pt` checkpoint. An ONNX file needs neither PyTorch nor Ultralytics.

    Several threads may call one detector at once. It can be pickled to worker processes, each of
    which loads the network once.

    Example:
        >>> detector = Detector()  # doctest: +SKIP
        >>> for face in detector("photo.jpg"):  # doctest: +SKIP
        ...     print(face.emotion.label, face.score, face.box)

    Args:
        weights: a path, or the name of weights that are shipped or cached; None is the detector
            that comes with yolo-fer, from whatever folder.
        imgsz: the longer side of the network's input in pixels, rounded up to a multiple of its
            stride; None takes what the weights were trained or exported for.
        conf: the least score of a face, 0 to 1; None takes what the weights advise, else 0.25.
        iou: two boxes with a greater overlap are one face, 0 to 1.
        max_faces: the most faces of one image, the best; where there are more, a `YoloFerWarning`
            says so.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `N`.
        threads: the number of threads of one run; None lets the runtime choose.
        trust_weights: load a file that can run code: a `.pt` that holds more than a network, or a
            format that holds a program, such as TorchScript.
        batch: the most images that go through the network in one run. None is 1 on a CPU, where
            more are no faster, and 16 on a graphics card.
        second_look: look at an image with large faces once more, on a smaller copy, where the
            weights advise it: their names are better, and it takes a fifth longer. An input that is
            larger than the network's boxes is always searched for close-ups in this way.

    Raises:
        YoloFerError: if the weights are missing, damaged or not a detector of emotions.
        UsageError: if an argument is out of range, or not possible with these weights.
        MissingExtraError: if the weights need a package that is not installed.
    """

    def __init__(
        self,
        weights: str | Path | None = None,
        *,
        imgsz: int | None = None,
        conf: float | None = None,
        iou: float = IOU,
        max_faces: int = MAX_FACES,
        device: str | int = "auto",
        threads: int | None = None,
        trust_weights: bool = False,
        batch: int | None = None,
        second_look: bool = True,
    ) -> None:
        if conf is not None:
            check_number("conf", conf, 0, 1)
        check_number("iou", iou, 0, 1)
        if imgsz is not None:
            check_whole_number("imgsz", imgsz, 1, 10_000)
        check_max_faces(max_faces)
        _check_batch(batch)
        self._network = ProcessNetwork(weights, device, threads, trust_weights)
        self._finder = FaceNetwork(self._network.path, self._network, imgsz, second_look)
        metadata = self._network.metadata
        advised = metadata.advised_conf
        self.advised_conf = DEFAULT_CONF if advised is None else advised
        self.conf = self.advised_conf if conf is None else conf
        self.iou = iou
        self.max_faces = max_faces
        self.batch = batch or (_GPU_BATCH if self._network.on_gpu else 1)
        if conf is None and metadata.advises_old_conf:
            warnings.warn(
                f"{self.name}: the threshold that it advises is for the largest of seven scores, "
                f"not for that of a face; {self.conf} is used. Give conf, or export it again with "
                "`conf`.",
                YoloFerWarning,
                stacklevel=2,
            )

    @property
    def name(self) -> str:
        """The file name of the weights."""
        return self._network.path.name

    @property
    def imgsz(self) -> int:
        """The longer side of the network's input in pixels."""
        return max(self._finder.limit)

    @property
    def box_convention(self) -> str | None:
        """Whose boxes the weights have learned, `expw` or `retinaface`; None if not noted."""
        return self._network.metadata.box_convention

    @property
    def input_size(self) -> tuple[int, int] | None:
        """Height and width of the only input that the network takes; None if it takes any size."""
        return self._network.fixed_size

    @overload
    def __call__(
        self,
        image: ImageLike,
        *,
        conf: float | None = None,
        iou: float | None = None,
        max_faces: int | None = None,
        rgb: bool = False,
        batch: int | None = None,
    ) -> Prediction: ...
    @overload
    def __call__(
        self,
        image: list[_SomeImage] | tuple[_SomeImage, ...],
        *,
        conf: float | None = None,
        iou: float | None = None,
        max_faces: int | None = None,
        rgb: bool = False,
        batch: int | None = None,
    ) -> list[Prediction]: ...
    def __call__(
        self,
        image: ImageLike | Iterable[ImageLike],
        *,
        conf: float | None = None,
        iou: float | None = None,
        max_faces: int | None = None,
        rgb: bool = False,
        batch: int | None = None,
    ) -> Prediction | list[Prediction]:
        """Find the faces of one image, or of several.

        Args:
            image: a path, an `http://` or `https://` address, which is fetched, (height, width, 3)
                BGR of uint8 as OpenCV has it, a Pillow image, or the bytes or the open file of an
                image. A list of these, a folder or a pattern such as `photos/*.jpg` gives a list;
                `predict` does always.
            conf: the least score of a face; None takes the detector's own.
            iou: boxes with a greater overlap are one face; None takes the detector's own.
            max_faces: the most faces of an image; None takes the detector's own.
            rgb: arrays are RGB, as Matplotlib and imageio have them, and not BGR.
            batch: the most images of one run; None takes the detector's own.

        Returns:
            The faces and their image. Boxes are pixels of the image as a viewer sees it, rotated
            as its EXIF data say. Of several images each has its own, as in `predict`.

        Raises:
            ImageError: if the image cannot be read, or is something else.
            UsageError: if it is the address of a stream, or a limit is out of range.
        """
        if not is_one_image(image):
            return self.predict(
                image, conf=conf, iou=iou, max_faces=max_faces, rgb=rgb, batch=batch
            )
        _check_batch(batch)
        limits = self._limits(conf, iou, max_faces)
        (given,) = each_image(image)
        picture = read_picture(given, lambda size: None, rgb=rgb)
        return predict_pictures(self._finder, [picture], limits, 1)[0]

    def predict(
        self,
        images: ImageLike | Iterable[ImageLike],
        *,
        batch: int | None = None,
        conf: float | None = None,
        iou: float | None = None,
        max_faces: int | None = None,
        rgb: bool = False,
    ) -> list[Prediction]:
        """Find the faces of images of any sizes; files are read while the network runs.

        Args:
            images: anything that can be one image (see `__call__`), or several in a list or another
                iterable, or a folder or a pattern, whose files come sorted.
            batch: the most images that go through the network in one run; None takes the
                detector's own. Images whose inputs have the same shape go together, so that none
                gets other padding than alone.
            conf: the least score of a face; None takes the detector's own.
            iou: boxes with a greater overlap are one face; None takes the detector's own.
            max_faces: the most faces of an image; None takes the detector's own.
            rgb: arrays are RGB and not BGR.

        Returns:
            One `Prediction` for each image, in order. An image of several that cannot be read has
            an `error` and no faces, and a `YoloFerWarning` says how many there are. `source` is the
            path or the address, and empty for what has no name.

        Raises:
            ImageError: if a single image cannot be read, or something is no image by its type or
                its shape.
            UsageError: if something is the address of a stream, or an argument is out of range.
            YoloFerError: if a folder or a pattern holds no image.
        """
        _check_batch(batch)
        batch = batch or self.batch
        limits = self._limits(conf, iou, max_faces)
        if isinstance(images, list | tuple) and all(isinstance(i, np.ndarray) for i in images):
            pictures = [Picture.of_array(image, rgb=rgb) for image in images]
            return predict_pictures(self._finder, pictures, limits, batch)
        if is_one_image(images):
            return [self(images, conf=conf, iou=iou, max_faces=max_faces, rgb=rgb)]
        return predict_unread(self._finder, each_image(images), limits, batch, rgb)

    def input_scale(self, width: int, height: int) -> float:
        """Return how many pixels of the network's input there are for one of an image."""
        high, wide = self._finder.limit
        return min(high / height, wide / width)

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
                camera that signs its own. Someone in between can then answer in its place.

        Yields:
            Each frame's pixels and its `Prediction`, with `frame` and `time_ms` set.

        Raises:
            YoloFerError: if nothing can be read from the source. A video that breaks off later
                ends with a `YoloFerWarning`.
            UsageError: if `smooth` is no possible time, or the address has another scheme.
            MissingExtraError: if a package for videos or tracking is not installed.

        Example:
            >>> detector = Detector()  # doctest: +SKIP
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

    def _limits(self, conf: float | None, iou: float | None, max_faces: int | None) -> FaceLimits:
        return FaceLimits(
            conf=self.conf if conf is None else conf,
            iou=self.iou if iou is None else iou,
            max_faces=self.max_faces if max_faces is None else max_faces,
        )


def _check_batch(batch: int | None) -> None:
    if batch is not None:
        check_whole_number("batch", batch, 1, LARGEST_BATCH)
