"""The picture that `yolo-fer demo` ends with: what was found, on one page."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from yolo_fer import images
from yolo_fer.files import write_atomically

_WIDTH = 960  # pixels
_COLUMNS, _SCENES = 3, 6
_HEADING, _GAP = 34, 6
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_overview(path: Path, scenes: Path, photographs: Path) -> None:
    """Write a picture of annotated images: a photograph, and some of the drawn scenes.

    Args:
        path: where to.
        scenes: the folder of the annotated scenes.
        photographs: the folder of the annotated photograph, which may not be there.
    """
    parts = []
    for photograph in sorted(photographs.glob("*.jpg")):
        parts += [_heading("the shipped weights, on a photograph")]
        parts += [_fitted(images.read(photograph), _WIDTH)]
    drawn = [images.read(scene) for scene in sorted(scenes.rglob("*.jpg"))[:_SCENES]]
    parts += [_heading("the weights that were trained just now, on scenes that they never saw")]
    parts += [_row(drawn[i : i + _COLUMNS]) for i in range(0, len(drawn), _COLUMNS)]
    write_atomically(path, images.encode_jpeg(np.concatenate(parts)))


def _heading(text: str) -> images.Image:
    heading = np.full((_HEADING, _WIDTH, 3), 255, np.uint8)
    cv2.putText(heading, text, (_GAP, 23), _FONT, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    return heading


def _row(scenes: list[images.Image]) -> images.Image:
    """Return images side by side, as high as the highest of them, on white."""
    width = _WIDTH // _COLUMNS
    tiles = [_fitted(scene, width - _GAP) for scene in scenes]
    row = np.full((max(len(tile) for tile in tiles) + _GAP, _WIDTH, 3), 255, np.uint8)
    for number, tile in enumerate(tiles):
        row[: len(tile), number * width : number * width + tile.shape[1]] = tile
    return row


def _fitted(image: images.Image, width: int) -> images.Image:
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
