"""An image or a frame together with what was found in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from yolo_fer.errors import FileFault
from yolo_fer.images import Image
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.results import Prediction, Result


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
