"""Predicting many images: files are decoded ahead while the network runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

from yolo_fer.emotions import Emotion
from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images import Image
from yolo_fer.inputs.image_bytes import Decoded, read_input
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.predict.read_ahead import Read, Take, in_chunks, read_ahead, read_in_turn
from yolo_fer.reason_counts import ReasonCounts
from yolo_fer.results import Prediction, Predictor, Result


@dataclass(frozen=True, slots=True)
class Predicted(Result):
    """An image or a video frame with what was found in it.

    Args:
        image: the pixels, (height, width, 3) BGR; None if it could not be read. They are fewer than
            the size in `prediction` says if the image is so large that it was decoded at a part of
            its size.
        prediction: the faces, or the error.
        reason: the reason by which the error is counted; None without an error.
        input: the image file that it came from, None for a frame.
    """

    image: Image | None
    prediction: Prediction
    reason: FileFault | None = None
    input: ImageInput | None = None

    @property
    def result(self) -> Prediction:
        """The prediction with the pixels, which it does not hold by itself."""
        return replace(self.prediction, image=self.image)

    @property
    def in_image(self) -> Prediction:
        """The faces in the pixels of `image`, to draw them or cut them out."""
        if self.image is None:
            return self.prediction
        height, width = self.image.shape[:2]
        return self.prediction.resized(width, height)


@dataclass(slots=True)
class RunCounts:
    """The account of a run: every image and every frame is counted, every bad item by its reason.

    Attributes:
        images: the number of images that could be read.
        frames: the number of predicted frames of videos, cameras and streams.
        faces: the number of faces in all of them.
        emotions: the number of faces with each emotion.
        dropped: the number of frames of live sources that were left out because newer ones were
            there.
        reconnects: the number of times that a live source came back.
        bad: the number of images and videos that could not be read, or not to their end, by reason.
    """

    images: int = 0
    frames: int = 0
    faces: int = 0
    emotions: Counter[Emotion] = field(default_factory=Counter)
    dropped: int = 0
    reconnects: int = 0
    bad: ReasonCounts = field(default_factory=ReasonCounts)

    def add(self, predicted: Predicted) -> None:
        """Count one image, one frame, or the bad end of a video."""
        self.faces += len(predicted.prediction.faces)
        self.emotions.update(face.emotion for face in predicted.prediction.faces)
        if predicted.reason is not None:
            self.bad.note(predicted.reason, str(predicted.prediction.error))
        elif predicted.prediction.frame is None:
            self.images += 1
        else:
            self.frames += 1

    @property
    def usable(self) -> int:
        """How many images and frames could be read."""
        return self.images + self.frames


def predict_images(
    predictor: Predictor,
    inputs: Iterable[ImageInput],
    read: Read = read_input,
    *,
    ahead: bool = True,
) -> Iterator[Predicted]:
    """Predict images, in order; one that cannot be read has an error and no faces.

    Args:
        predictor: a detector or a two-stage system. If it has an attribute `batch` above 1, it is
            given several images at once.
        inputs: the images to predict.
        read: the function that reads one; several threads call it.
        ahead: whether threads decode images while those before them are predicted. Where a process
            runs on each core, threads would only take time from another process.
    """

    def read_it(item: ImageInput, take: Take | None) -> Decoded:
        return read(item, take)

    together = window_of(getattr(predictor, "batch", 1))
    reading = read_ahead(inputs, read_it, together) if ahead else read_in_turn(inputs, read_it)
    with closing(reading) as images:
        for chunk in in_chunks(images, together, _bytes_of):
            readable = [decoded[0] for _, decoded in chunk if not isinstance(decoded, ImageError)]
            found = iter(predictor.predict(readable) if readable else ())
            for item, decoded in chunk:
                if isinstance(decoded, ImageError):
                    error = Prediction(item.source, 0, 0, error=str(decoded))
                    yield Predicted(None, error, decoded.reason, item)
                    continue
                image, size = decoded
                prediction = next(found).resized(*size)
                # Without the pixels, which `Predicted` has, so that predictions can be kept.
                prediction = replace(prediction, source=item.source, image=None)
                yield Predicted(image, prediction, input=item)


def window_of(batch: int) -> int:
    """Return among how many images those are looked for that can go through a network together.

    >>> window_of(1), window_of(8)
    (1, 32)
    """
    return 1 if batch == 1 else 4 * batch


def _bytes_of(read: tuple[ImageInput, Decoded | ImageError]) -> int:
    decoded = read[1]
    return 0 if isinstance(decoded, ImageError) else decoded[0].nbytes
