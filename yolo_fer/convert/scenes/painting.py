"""Painting a composed scene: a background, and faces pasted with soft edges."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.convert.crops import Crop
from yolo_fer.convert.scenes.layout import SURROUNDINGS, Place, SceneLayout, extent, to_scene
from yolo_fer.images import Image
from yolo_fer.images.fitting import warpable
from yolo_fer.synthetic.scenery import draw_background, photograph

_GREY_SCENES = 0.35  # share of the scenes without colour
_TILES = 6  # a decoy is its crop in 6x6 tiles, shuffled: the same texture and no eye
_DRAWN, _TORN = 0.55, 0.85  # below: drawn backgrounds; below: torn pieces of crops; else: noise
Matrix = NDArray[np.float64]


def paint_scene(
    crops: Sequence[Crop], pixels: Sequence[Image], layout: SceneLayout, rng: np.random.Generator
) -> Image:
    """Return a scene of shape (height, width, 3).

    Args:
        crops: the members of the scene.
        pixels: the pixels of each crop, (height, width, 3) BGR.
        layout: the places of the crops in the scene.
        rng: the source of all random choices.
    """
    scene = _background(pixels, layout, rng).astype(np.float32)
    light = rng.normal(1.0, (0.09, 0.03, 0.09))  # what a grey crop is tinted with
    for place in sorted(layout.places, key=lambda place: place.box.x1 - place.box.x2):
        image = _shuffled(pixels[place.member], rng) if place.decoy else pixels[place.member]
        _paste(scene, crops[place.member], image, place, light, rng)
    whole = np.clip(scene, 0, 255).astype(np.uint8)
    if rng.random() < _GREY_SCENES:
        grey = cv2.cvtColor(whole, cv2.COLOR_BGR2GRAY)
        whole = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return photograph(rng, whole)


def _paste(
    scene: NDArray[np.float32],
    crop: Crop,
    image: Image,
    place: Place,
    light: Matrix,
    rng: np.random.Generator,
) -> None:
    """Blend a crop and its surroundings into the scene, in place."""
    around = extent(crop, place, SURROUNDINGS)
    height, width = scene.shape[:2]
    x1, y1 = max(0, int(around.x1)), max(0, int(around.y1))
    x2, y2 = min(width, int(np.ceil(around.x2))), min(height, int(np.ceil(around.y2)))
    widened, margin = _surround(image)
    matrix = to_scene(crop, place) @ _shift(-margin, -margin)
    matrix[:, 2] -= x1, y1
    size = x2 - x1, y2 - y1
    tint = light if np.ptp(image, axis=2).max() == 0 else np.ones(3)
    gain = (tint * rng.uniform(0.75, 1.2)).astype(np.float32)
    patch = _warp(widened, matrix, size) * gain + np.float32(rng.uniform(-15, 15))
    outline = _soft_outline(crop, margin, rng)
    outline, matrix = warpable(outline, matrix, size)
    alpha = cv2.warpAffine(outline, matrix, size, flags=cv2.INTER_LINEAR)
    region = scene[y1:y2, x1:x2]
    region += alpha[..., None] * (patch - region)


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)


def _surround(image: Image) -> tuple[Image, int]:
    """Let the outermost pixels of a crop go on around it, blurred, and return how far.

    A face needs hair and neck around it: of the faces of 48 to 64 pixels, RetinaFace finds half as
    many again as when a crop fades at its own edge.
    """
    shorter = min(image.shape[:2])
    margin = max(1, round(SURROUNDINGS * shorter))
    sides = (margin, margin, margin, margin)
    widened = cv2.copyMakeBorder(image, *sides, cv2.BORDER_REPLICATE)
    blurred = cv2.GaussianBlur(widened, (0, 0), 0.06 * shorter)
    inside = np.ones(image.shape[:2], dtype=np.float32)
    inside = cv2.copyMakeBorder(inside, *sides, cv2.BORDER_CONSTANT, value=0)
    inside = cv2.GaussianBlur(inside, (0, 0), 0.02 * shorter)[..., None]
    return np.asarray(widened * inside + blurred * (1 - inside)).astype(np.uint8), margin


def _warp(image: Image, matrix: Matrix, size: tuple[int, int]) -> Image:
    """Warp an image; where it becomes smaller, areas are averaged first, else it would alias."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    flags = cv2.INTER_CUBIC
    if scale < 1:
        height, width = image.shape[:2]
        smaller = max(1, round(width * scale)), max(1, round(height * scale))
        image = np.asarray(cv2.resize(image, smaller, interpolation=cv2.INTER_AREA))
        matrix = matrix @ np.diag([width / smaller[0], height / smaller[1], 1.0])
        flags = cv2.INTER_LINEAR
    image, matrix = warpable(image, matrix, size)
    return np.asarray(
        cv2.warpAffine(image, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    )


def _soft_outline(crop: Crop, margin: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the opacity of a crop with its surroundings: superellipses between which it fades."""
    power = rng.uniform(2, 6)
    outer = 1 + 2 * margin / max(crop.width, crop.height) * rng.uniform(0.3, 1)
    x = _from_centre(crop.width, margin)
    y = _from_centre(crop.height, margin)[:, None]
    distance = (x**power + y**power) ** (1 / power)
    t = np.clip((outer - distance) / (outer - 0.95), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def _from_centre(side: int, margin: int) -> NDArray[np.float32]:
    """Return distances of pixels from the middle; 1 at the edge of the crop."""
    reach = 1 + 2 * margin / side
    return np.abs(np.linspace(-reach, reach, side + 2 * margin, dtype=np.float32))


def _shuffled(image: Image, rng: np.random.Generator) -> Image:
    """Return a crop whose tiles have changed places, each turned by a quarter or half."""
    side = max(min(image.shape[:2]) // _TILES, 1)
    square = cv2.resize(image, (_TILES * side, _TILES * side), interpolation=cv2.INTER_AREA)
    order = rng.permutation(_TILES**2)
    turns = rng.integers(1, 4, _TILES**2)
    whole = np.empty_like(square)
    for target, (source, turn) in enumerate(zip(order.tolist(), turns.tolist(), strict=True)):
        (y, x), (v, u) = divmod(target, _TILES), divmod(source, _TILES)
        tile = square[v * side : (v + 1) * side, u * side : (u + 1) * side]
        whole[y * side : (y + 1) * side, x * side : (x + 1) * side] = np.rot90(tile, turn)
    return np.asarray(cv2.resize(whole, image.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _background(pixels: Sequence[Image], layout: SceneLayout, rng: np.random.Generator) -> Image:
    choice = rng.random()
    if choice < _DRAWN:
        return draw_background(rng, layout.width, layout.height)
    if choice < _TORN:
        return _torn(pixels, layout, rng)
    return _noise(layout, rng)


def _torn(pixels: Sequence[Image], layout: SceneLayout, rng: np.random.Generator) -> Image:
    """Return enlarged pieces of crops, upside down, blurred or in blocks: no face is left."""
    columns, rows = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    cell = -(-layout.width // columns), -(-layout.height // rows)
    cells = []
    for _ in range(rows * columns):
        image = pixels[int(rng.integers(len(pixels)))]
        height, width = max(image.shape[0] // 3, 1), max(image.shape[1] // 3, 1)
        y, x = int(rng.integers(2 * height + 1)), int(rng.integers(2 * width + 1))
        # a side of 1 or 2 pixels has no three thirds
        y, x = min(y, image.shape[0] - height), min(x, image.shape[1] - width)
        cells.append(cv2.resize(image[y : y + height, x : x + width][::-1], cell))
    lines = [np.hstack(cells[row * columns : (row + 1) * columns]) for row in range(rows)]
    whole = np.vstack(lines)[: layout.height, : layout.width]
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(whole, (0, 0), float(rng.uniform(0.05, 0.12)) * cell[0]))
    blocks = max(layout.width // int(rng.integers(12, 40)), 2)
    small = cv2.resize(whole, (blocks, blocks), interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(small, (layout.width, layout.height), interpolation=cv2.INTER_NEAREST)
    )


def _noise(layout: SceneLayout, rng: np.random.Generator) -> Image:
    """Return clouds of noise of one scale over a gradient, more grey than coloured."""
    cell = int(rng.integers(4, 60))
    rows, columns = layout.height // cell + 2, layout.width // cell + 2
    strength = float(rng.uniform(5, 40))
    clouds = strength * (
        rng.normal(0, 1, (rows, columns, 1)) + rng.normal(0, 0.3, (rows, columns, 3))
    )
    corners = rng.uniform(20, 235, (2, 2, 1)) + rng.normal(0, 20, (2, 2, 3))
    size = layout.width, layout.height
    gradient = cv2.resize(corners, size, interpolation=cv2.INTER_LINEAR)
    whole = gradient + cv2.resize(clouds, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(whole, 0, 255), dtype=np.uint8)
