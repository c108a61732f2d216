"""The images from which the ranges of an int8 network are taken."""

from __future__ import annotations

import warnings
from pathlib import Path

import cv2
import numpy as np

from yolo_fer.dataset.data_yaml import read_data_yaml
from yolo_fer.detector.preprocess import Letterbox
from yolo_fer.errors import ImageError, UsageError, YoloFerError, YoloFerWarning
from yolo_fer.images import Image, read
from yolo_fer.inputs.listing import collect_images

# On ExpW the 95th percentile of the differences of scores is 0.032 with so many and 0.050 with
# twice as many: each image can only widen a range.
IMAGES = 100
_FEW = 32


def calibration_images(source: Path, size: tuple[int, int], limit: int = IMAGES) -> list[Image]:
    """Read images spread evenly over a set.

    Args:
        source: a data.yaml, of which the validation split is taken, else the training split; or a
            folder of images.
        size: height and width of the network's input; a larger image is brought to what the network
            sees of it, since a hundred photographs at their full size take gigabytes.
        limit: read at most so many.

    Returns:
        Each (height, width, 3) BGR.

    Raises:
        UsageError: if the source does not exist.
        YoloFerError: if it holds no image that can be read.
    """
    files = _files(source)
    images: list[Image] = []
    bad = 0
    for number in range(min(limit, len(files))):
        try:
            image = read(files[number * len(files) // min(limit, len(files))])
            images.append(_as_seen(image, size))
        except ImageError:
            bad += 1
    if not images:
        raise YoloFerError(f"`data={source}`: none of its images can be read")
    if bad or len(images) < _FEW:
        unread = f" ({bad} could not be read)" if bad else ""
        few = f"; {_FEW} or more give better ranges" if len(images) < _FEW else ""
        warnings.warn(
            f"int8 is calibrated on {len(images)} images{unread}{few}", YoloFerWarning, stacklevel=2
        )
    return images


def _as_seen(image: Image, size: tuple[int, int]) -> Image:
    """Scale a large image just as its letterboxing would, which then leaves it as it is."""
    if image.shape[0] <= size[0] and image.shape[1] <= size[1]:
        return image
    height, width = Letterbox.fit(image.shape[:2], size, 0).scaled_size
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _files(source: Path) -> list[Path]:
    if source.is_dir():
        return [item.path for item in collect_images([str(source)])]
    if source.suffix.lower() not in (".yaml", ".yml"):
        raise UsageError(f"`data={source}`: give a data.yaml or a folder of images")
    data = read_data_yaml(source)
    return data.image_files("val" if "val" in data.splits else "train")
