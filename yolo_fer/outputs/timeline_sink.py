"""The timeline picture: each face's seven emotions over time."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Self

from yolo_fer.errors import MissingExtraError, UsageError, YoloFerError
from yolo_fer.files import write_atomically
from yolo_fer.outputs.face_blur import FaceBlur
from yolo_fer.outputs.sink import FileSink, refuse_existing_file, writing
from yolo_fer.predict.predicted import Predicted
from yolo_fer.predict.timeline import Timeline


class TimelineSink(FileSink):
    """A PNG picture with a row for each tracked face, drawn at the end; see `draw_timeline`.

    Args:
        path: the picture to write, which ends with `.png`.
        overwrite: replace a file that exists.
        blur: hide the faces in the thumbnails.
        always: draw a picture even if no face was followed, where that is no mistake.

    Raises:
        UsageError: if the file exists or is no `.png`.
        MissingExtraError: if Matplotlib is not installed.
    """

    def __init__(
        self, path: Path, overwrite: bool = False, *, blur: bool = False, always: bool = True
    ) -> None:
        if path.suffix.lower() != ".png":
            raise UsageError(f"{path}: a timeline is a .png picture; name it so")
        refuse_existing_file(path, overwrite)
        if find_spec("matplotlib") is None:
            raise MissingExtraError("matplotlib", "stream", "drawing a timeline")
        self._path = path
        self._blur = FaceBlur(blur)
        self._always = always
        self.timeline = Timeline()
        """What was collected so far."""

    def __enter__(self) -> Self:
        """Make the folder of the file."""
        with writing(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        return self

    def write(self, predicted: Predicted) -> None:
        """Add one frame; images have no time and are left out."""
        image, prediction = predicted.image, predicted.prediction
        shown = None if image is None else self._blur.hide(image, prediction)
        self.timeline.add(prediction, shown)

    def finish(self) -> None:
        """Draw the picture.

        Raises:
            YoloFerError: if it cannot be written, or no face was tracked although some were found.
        """
        from yolo_fer.outputs.timeline_picture import draw_timeline

        is_empty = not any(True for _ in self.timeline.rows())
        if is_empty and not self._always:
            return
        if is_empty and self.timeline.untracked:
            raise YoloFerError(
                f"{self._path}: there is a row for each tracked face, and none was tracked; "
                "predict with `track`"
            )
        with writing(self._path):
            write_atomically(self._path, draw_timeline(self.timeline))
