"""All faces of one image or frame, and the protocol of what predicts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from yolo_fer.images import Image
from yolo_fer.results.face import FacePrediction
from yolo_fer.results.result import Result
from yolo_fer.results.supervision_detections import from_detections

if TYPE_CHECKING:
    import supervision


class Speed(TypedDict):
    """Milliseconds that an image took; its share, where several went through together."""

    decode: float
    """Reading and decoding it; 0 for pixels that were decoded already."""
    network: float
    """The run of the network."""
    rest: float
    """Scaling it to the network's input, and making faces of the output."""


def _not_measured() -> Speed:
    return Speed(decode=0.0, network=0.0, rest=0.0)


@dataclass(frozen=True, slots=True)
class Prediction(Result):
    """All faces of one image or video frame.

    Args:
        source: the file or stream as the user named it.
        width: the width of the image as a viewer sees it, in pixels; 0 if it could not be read.
        height: the height, in the unit of the width.
        faces: the faces, best score first.
        frame: 0-based number in a video, None for an image.
        time_ms: time stamp in a video, None for an image.
        error: why the image could not be read, in words; then there are no faces.
        image: its pixels, (height, width, 3) BGR, where they were given as pixels, bytes or an
            address. None for a file, which is read again when a picture is asked for, so that the
            results of a large folder are small.
        speed: the milliseconds that it took to decode it, of the network and of the rest; all 0
            where they were not measured.

    Example:
        >>> face = FacePrediction((10, 20, 40, 60), (0, 0, 0, 0.75, 0, 0, 0.25))
        >>> print(Prediction("a.jpg", 64, 64, (face,)))
        a.jpg: 1 face: happiness 75 %
    """

    source: str
    width: int
    height: int
    faces: tuple[FacePrediction, ...] = ()
    frame: int | None = None
    time_ms: float | None = None
    error: str | None = None
    image: Image | None = field(default=None, repr=False, compare=False)
    speed: Speed = field(default_factory=_not_measured, repr=False, compare=False)

    @property
    def result(self) -> Prediction:
        """This object."""
        return self

    def __str__(self) -> str:
        name = self.source or "image"
        if self.frame is not None:
            name = f"{name} frame {self.frame}"
        if self.error is not None:
            return f"{name}: unreadable"
        if not self.faces:
            return f"{name}: no face"
        count = "1 face" if len(self.faces) == 1 else f"{len(self.faces)} faces"
        return f"{name}: {count}: {', '.join(face.caption for face in self.faces)}"

    def resized(self, width: int, height: int) -> Prediction:
        """Return the same faces in the pixels of the image at another size.

        >>> face = FacePrediction((10, 20, 40, 60), (0, 0, 0, 0.75, 0, 0, 0.25))
        >>> Prediction("a.jpg", 64, 64, (face,)).resized(128, 128).faces[0].box
        (20.0, 40.0, 80.0, 120.0)
        """
        if (width, height) == (self.width, self.height) or not self.width:
            return self
        across, down = width / self.width, height / self.height
        faces = tuple(
            replace(
                face,
                box=(
                    face.box[0] * across,
                    face.box[1] * down,
                    face.box[2] * across,
                    face.box[3] * down,
                ),
            )
            for face in self.faces
        )
        return replace(self, width=width, height=height, faces=faces)

    def to_json(self) -> dict[str, Any]:
        """Return the prediction as one JSON line's object."""
        line: dict[str, Any] = {
            "source": self.source,
            "frame": self.frame,
            "time_ms": self.time_ms,
            "width": self.width,
            "height": self.height,
            "faces": [face.to_json() for face in self.faces],
        }
        if self.error is not None:
            line["error"] = self.error
        return line

    def with_supervision(self, detections: supervision.Detections) -> Prediction:
        """Return this prediction with the faces of `Detections` that came from `to_supervision`.

        They may have been filtered, moved or given track numbers meanwhile. Their scores are taken
        from `data["scores"]` and `data["finder_score"]`, so numbers are rounded to 32 bits.

        Example:
            >>> face = FacePrediction((10, 20, 40, 60), (0, 0, 0, 0.75, 0, 0, 0.25), track=3)
            >>> prediction = Prediction("a.jpg", 64, 64, (face,))
            >>> detections = prediction.to_supervision()
            >>> detections.data["class_name"].tolist(), detections.tracker_id.tolist()
            (['happiness'], [3])
            >>> prediction.with_supervision(detections) == prediction
            True
        """
        return replace(self, faces=from_detections(detections))


class Predictor(Protocol):
    """Anything that names the expressions of the faces in images: a detector or two stages."""

    @property
    def name(self) -> str:
        """What tables and reports call it."""

    def predict(self, images: Sequence[Image]) -> list[Prediction]:
        """Name the faces of images of any sizes.

        Args:
            images: each (height, width, 3) BGR, 0 to 255.

        Returns:
            One `Prediction` per image, in order, with an empty `source`.
        """
