"""A result as a picture: drawn, saved, in a window, in a notebook.

Drawing, files and windows belong to `outputs`, above this folder: they are imported when a user
asks for a picture, and nothing else here needs them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from yolo_fer.errors import FileFault, ImageError, UsageError
from yolo_fer.files import write_atomically
from yolo_fer.images import Image, check, encode, read_reduced
from yolo_fer.images.fitting import shrink
from yolo_fer.paths import exists

if TYPE_CHECKING:
    from yolo_fer.results.prediction import Prediction

_NOTEBOOK_SIDE = 1024  # pixels; a photograph of 12 million would fill a notebook with 20 MB
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


def pixels(result: Prediction) -> Image:
    """Return the image that a result is about, which may be a reduced copy.

    Raises:
        ImageError: if it is not held, and not a file that can be read.
    """
    if result.image is not None:
        return result.image
    if result.error is not None:
        raise ImageError(FileFault.UNREADABLE_IMAGE, result.error)
    if result.frame is not None or not result.source:
        raise ImageError(
            FileFault.MISSING_IMAGE, "this result does not hold its image; give it: `plot(image)`"
        )
    return read_reduced(Path(result.source))[0]


def plot(result: Prediction, image: Image | None, *, rgb: bool = False) -> Image:
    """Draw a result; see `Result.plot`."""
    from yolo_fer.outputs.drawing import annotate

    if image is None:
        image = pixels(result)
    check(image)
    drawn = annotate(image, result.resized(image.shape[1], image.shape[0]).faces)
    return np.ascontiguousarray(drawn[:, :, ::-1]) if rgb else drawn


def save(result: Prediction, path: str | Path | None, overwrite: bool) -> Path:
    """Write a result's picture; see `Result.save`."""
    from yolo_fer.outputs.sink import refuse_existing_file, refuse_sources, writing

    target = Path() if path is None else Path(path)
    if exists(target) and target.is_dir():
        target /= f"{_stem(result)}_faces.jpg"
    if target.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"{target}: give a name that ends in one of {', '.join(_SUFFIXES)}")
    refuse_existing_file(target, overwrite)
    if result.source:
        refuse_sources([target], [result.source])
    drawn = plot(result, None)
    try:
        data = encode(drawn, target.suffix.lower())
    except ImageError as error:
        other = ".tif" if target.suffix.lower() == ".png" else ".png"
        raise UsageError(f"{target}: {error}; give a name that ends in {other}") from error
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)
    return target


def show(result: Prediction) -> None:
    """Show a result in a window; see `Result.show`."""
    from yolo_fer.outputs.window import WindowSink
    from yolo_fer.predict.predicted import Predicted

    image = pixels(result)
    with WindowSink() as window:
        # Without its number: the window holds an image until a key is pressed, a frame not.
        window.write(Predicted(image, replace(result, frame=None)))


def png(result: Prediction) -> bytes | None:
    """Return a picture of at most 1,024 pixels as a PNG file, None if there is no image."""
    try:
        image, _ = shrink(pixels(result), _NOTEBOOK_SIDE)
    except ImageError:
        return None
    return bytes(cv2.imencode(".png", plot(result, image))[1])


def _stem(result: Prediction) -> str:
    """Return the name of an image without its ending; an address may end in anything."""
    name = re.sub(r"[^\w. -]+", "_", Path(re.split(r"[?#]", result.source)[0]).stem)
    frame = "" if result.frame is None else f"-frame{result.frame:06}"
    return f"{name or 'image'}{frame}"
