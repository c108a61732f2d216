"""Annotated copies of images."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from yolo_fer.files import write_atomically
from yolo_fer.images import encode_jpeg
from yolo_fer.images.fitting import fit_jpeg
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.outputs.drawing import annotate
from yolo_fer.outputs.face_blur import blur_faces
from yolo_fer.outputs.sink import plan_targets, refuse_filled_folder, refuse_sources, writing
from yolo_fer.predict.predicted import Predicted


class AnnotatedImageSink:
    """Copies of the images with boxes and labels drawn in, as JPEG files.

    The copies mirror the sub-folders of the sources. Where two would have the same name, letter
    case aside, the later one gets a number, so that a folder can be carried to any file system.
    A copy of an image that is too long for JPEG is smaller.

    Args:
        folder: the folder to write to; new or empty unless `overwrite` is set.
        inputs: all images that will come.
        overwrite: replace files in the folder.
        blur: hide the faces; boxes and labels stay.

    Raises:
        UsageError: if the folder is not empty, or a copy would replace one of the inputs.
    """

    def __init__(
        self,
        folder: Path,
        inputs: Iterable[ImageInput],
        overwrite: bool = False,
        *,
        blur: bool = False,
    ) -> None:
        refuse_filled_folder(folder, overwrite)
        self._blur = blur
        items = list(inputs)
        targets = plan_targets(folder, (item.target for item in items), ".jpg")
        self._targets = dict(zip(items, targets, strict=True))
        refuse_sources(targets, (item.path for item in items if item.is_file))

    def __enter__(self) -> Self:
        """Nothing is open between images."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def write(self, predicted: Predicted) -> None:
        """Write one annotated copy; an image that could not be read has none.

        Raises:
            YoloFerError: if it cannot be written, for example because the disk is full.
        """
        if predicted.image is None or predicted.input is None:
            return
        target = self._targets[predicted.input]
        faces = predicted.in_image.faces
        shown = blur_faces(predicted.image, faces) if self._blur else predicted.image
        data = encode_jpeg(fit_jpeg(annotate(shown, faces)))
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, data)
