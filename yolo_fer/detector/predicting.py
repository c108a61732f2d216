"""From images, read or not yet, to predictions."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

from yolo_fer.detector.face_network import FaceLimits, FaceNetwork, Found
from yolo_fer.detector.pictures import ImageLike, Picture, name_of, read_picture
from yolo_fer.errors import ImageError, YoloFerWarning
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.predict.image_files import window_of
from yolo_fer.predict.read_ahead import in_chunks, read_ahead
from yolo_fer.results import Prediction, Speed


def predict_pictures(
    network: FaceNetwork, pictures: Sequence[Picture], limits: FaceLimits, batch: int
) -> list[Prediction]:
    """Find the faces of images that are read; see `FaceNetwork.find`."""
    found = network.find([picture.image for picture in pictures], limits, batch)
    return [_prediction(*pair) for pair in zip(pictures, found, strict=True)]


def predict_unread(
    network: FaceNetwork,
    images: Iterator[ImageLike | ImageInput],
    limits: FaceLimits,
    batch: int,
    rgb: bool,
) -> list[Prediction]:
    """Read images and find their faces; the next are read while the network runs.

    Args:
        network: the network that finds the faces.
        images: the images as `each_image` yields them.
        limits: the least score of a face and the greatest number of faces.
        batch: the most images of one run.
        rgb: arrays are RGB and not BGR.

    Returns:
        The prediction of each, in order; what cannot be read has an `error`, and that is said.
    """
    found: list[Prediction] = []
    together = window_of(batch)
    with closing(read_ahead(images, partial(read_picture, rgb=rgb), together)) as read:
        for chunk in in_chunks(read, together, _bytes_of):
            readable = [picture for _, picture in chunk if isinstance(picture, Picture)]
            predictions = iter(predict_pictures(network, readable, limits, batch))
            found += [
                next(predictions)
                if isinstance(picture, Picture)
                else Prediction(name_of(given), 0, 0, error=str(picture))
                for given, picture in chunk
            ]
    _tell_unreadable(found)
    return found


def _prediction(picture: Picture, found: Found) -> Prediction:
    height, width = picture.image.shape[:2]
    prediction = Prediction(
        picture.source,
        width,
        height,
        found.faces,
        image=None if picture.is_file else picture.image,
        speed=Speed(decode=picture.decode_ms, network=found.network_ms, rest=found.rest_ms),
    )
    return prediction.resized(*picture.size)


def _bytes_of(read: tuple[ImageLike | ImageInput, Picture | ImageError]) -> int:
    return read[1].image.nbytes if isinstance(read[1], Picture) else 0


def _tell_unreadable(found: Sequence[Prediction]) -> None:
    bad = [number for number, prediction in enumerate(found) if prediction.error is not None]
    if bad:
        first = found[bad[0]]
        name = "" if first.source else f"number {bad[0]} (from 0): "
        warnings.warn(
            f"{len(bad)} of {len(found)} images could not be read; their results have an `error`. "
            f"The first: {name}{first.error}",
            YoloFerWarning,
            stacklevel=4,
        )
