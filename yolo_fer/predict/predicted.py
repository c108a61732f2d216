"""An image or a frame together with what was found in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from yolo_fer.errors import FileFault
from yolo_fer.images import Image
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.results import FacePrediction, Prediction, Result, Speed


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

    image: Image | None = field(repr=False, compare=False)
    prediction: Prediction
    reason: FileFault | None = None
    input: ImageInput | None = None

    def __str__(self) -> str:
        return str(self.prediction)

    @property
    def result(self) -> Prediction:
        """The prediction with the pixels, which it does not hold by itself."""
        return replace(self.prediction, image=self.image)

    @property
    def faces(self) -> tuple[FacePrediction, ...]:
        """The faces, best score first."""
        return self.prediction.faces

    @property
    def source(self) -> str:
        """The file or stream as the user named it."""
        return self.prediction.source

    @property
    def frame(self) -> int | None:
        """0-based number in a video, None for an image."""
        return self.prediction.frame

    @property
    def time_ms(self) -> float | None:
        """Time stamp in a video in milliseconds, None for an image."""
        return self.prediction.time_ms

    @property
    def error(self) -> str | None:
        """Why it could not be read, in words; None if it could."""
        return self.prediction.error

    @property
    def speed(self) -> Speed:
        """The milliseconds of decoding, of the network and of the rest."""
        return self.prediction.speed

    @property
    def in_image(self) -> Prediction:
        """The faces in the pixels of `image`, to draw them or cut them out."""
        if self.image is None:
            return self.prediction
        height, width = self.image.shape[:2]
        return self.prediction.resized(width, height)
