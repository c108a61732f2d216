"""What can be done with a result, whether it is that of an image or of a frame of a stream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yolo_fer.images import Image
from yolo_fer.results import picture, table
from yolo_fer.results.face import FacePrediction
from yolo_fer.results.supervision_detections import to_detections

if TYPE_CHECKING:
    import pandas
    import supervision

    from yolo_fer.results.prediction import Prediction


class Result(ABC):
    """The faces of one image or frame, with what people do with them.

    `len(result)` is the number of faces, and `for face in result` yields them, best score first.
    Both kinds of results are one: the `Prediction` of an image, and the `Predicted` of a frame of a
    stream, which holds the frame's pixels, too.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def result(self) -> Prediction:
        """The prediction, with its pixels where they are held."""

    def __len__(self) -> int:
        return len(self.result.faces)

    def __iter__(self) -> Iterator[FacePrediction]:
        return iter(self.result.faces)

    def plot(self, image: Image | None = None, *, rgb: bool = False) -> Image:
        """Draw the faces, each with a box and a label, into a copy of the image.

        Args:
            image: (height, width, 3) BGR, 0 to 255, to draw into, also at another size; None takes
                the image that was given to the detector. One that was a file is read again.
            rgb: return RGB, as Matplotlib and Pillow want it, and not BGR, as OpenCV does.

        Returns:
            (height, width, 3), 0 to 255.

        Raises:
            ImageError: if the image is not held and cannot be read.
        """
        return picture.plot(self.result, image, rgb=rgb)

    def save(self, path: str | Path | None = None, *, overwrite: bool = False) -> Path:
        """Write the image with its faces drawn in.

        Args:
            path: the file, whose suffix decides the format, or a folder; None is the current one.
                In a folder the file is called after the image: `photo_faces.jpg`.
            overwrite: replace a file that exists.

        Returns:
            The file.

        Raises:
            UsageError: if it exists, is the image itself, or its suffix is no format or one that
                cannot hold so long an image.
            YoloFerError: if it cannot be written.
            ImageError: if the image is not held and cannot be read.
        """
        return picture.save(self.result, path, overwrite)

    def show(self) -> None:
        """Show the image with its faces drawn in, in a window, until a key is pressed.

        Raises:
            YoloFerError: if no window can be opened here.
            ImageError: if the image is not held and cannot be read.
        """
        picture.show(self.result)

    def to_df(self) -> pandas.DataFrame:
        """Return a `pandas.DataFrame` with a row for each face; see `yolo_fer.to_df`.

        Raises:
            MissingExtraError: if pandas is not installed.
        """
        return table.to_df([self])

    def to_json(self) -> dict[str, Any]:
        """Return what stands in a JSON line of the command line, ready for `json.dumps`."""
        return self.result.to_json()

    def to_supervision(self) -> supervision.Detections:
        """Return the faces as supervision's `Detections`, for its annotators, zones and trackers.

        `xyxy` is (N, 4) float32 in pixels, `confidence` (N,) the face's score, `class_id` (N,) the
        emotion's number, `tracker_id` (N,) the track, -1 where a face has none and None where no
        face has one. `data["class_name"]` holds the emotions' names, `data["scores"]` and
        `data["probabilities"]` their (N, 7) scores and probabilities, `data["finder_score"]` the
        (N,) scores of a face finder, NaN without one. `Prediction.with_supervision` is the way
        back.

        Raises:
            MissingExtraError: if supervision is not installed.
        """
        return to_detections(self.result.faces)

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows; None, where there is no image, makes it show the text."""
        return picture.png(self.result)
