"""Backgrounds of people: rooms, open country, walls, lights; and what a camera adds."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.images import Image

_SMALL = 4  # backgrounds are out of focus: drawn small and enlarged


def draw_background(rng: np.random.Generator, width: int, height: int) -> Image:
    """Return a background of shape (height, width, 3), without anything that looks like a face."""
    painters: tuple[Callable[[np.random.Generator, int, int], Image], ...] = (
        _wall,
        _room,
        _country,
        _lights,
    )
    painter = painters[int(rng.integers(len(painters)))]
    small = painter(rng, -(-width // _SMALL), -(-height // _SMALL))
    small = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.6, 2.5)))
    image: Image = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return image


def photograph(rng: np.random.Generator, image: Image) -> Image:
    """Return a drawn (height, width, 3) scene with what a camera adds: exposure, tint, noise."""
    gain = rng.uniform(0.85, 1.12) * rng.uniform(0.96, 1.04, 3)
    levels = np.arange(256)[:, None] * gain + rng.uniform(-6, 10)
    exposed = cv2.LUT(image, np.clip(levels, 0, 255).astype(np.uint8)[None])
    if rng.random() < 0.4:
        exposed = cv2.GaussianBlur(exposed, (3, 3), float(rng.uniform(0.4, 0.9)))
    strength = int(rng.integers(1, 8))
    noise = rng.integers(-strength, strength + 1, image.shape[:2], dtype=np.int8)
    grey = cv2.cvtColor(noise.astype(np.float32), cv2.COLOR_GRAY2BGR)
    noisy: Image = cv2.add(exposed, grey, dtype=cv2.CV_8U)
    return noisy


def _colour(rng: np.random.Generator, low: float = 30, high: float = 225) -> NDArray[np.float64]:
    grey = rng.uniform(low, high)
    return np.clip(grey + rng.normal(0, 22, 3), 5, 250)


def _gradient(rng: np.random.Generator, width: int, height: int) -> Image:
    corners = np.stack([_colour(rng) for _ in range(4)]).reshape(2, 2, 3)
    mixed = corners.mean(axis=(0, 1)) * 0.5 + corners * 0.5
    return np.asarray(
        cv2.resize(mixed.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    ).astype(np.uint8)


def _grain(rng: np.random.Generator, image: Image, strength: float) -> Image:
    """Add a texture of several sizes at once, as plaster, cloth or leaves have."""
    height, width = image.shape[:2]
    total = np.zeros((height, width), np.float32)
    for cell in (24, 8, 3):
        cells = rng.normal(0, 1, (height // cell + 2, width // cell + 2)).astype(np.float32)
        total += cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(image + strength * total[..., None], 0, 255).astype(np.uint8)


def _wall(rng: np.random.Generator, width: int, height: int) -> Image:
    return _grain(rng, _gradient(rng, width, height), float(rng.uniform(2, 10)))


def _room(rng: np.random.Generator, width: int, height: int) -> Image:
    image = _gradient(rng, width, height)
    for _ in range(int(rng.integers(2, 7))):  # windows, doors, shelves, pictures
        w, h = rng.uniform(0.1, 0.45) * width, rng.uniform(0.15, 0.8) * height
        x, y = rng.uniform(-0.1, 0.9) * width, rng.uniform(-0.1, 0.8) * height
        corners = int(x), int(y), int(w), int(h)
        cv2.rectangle(image, corners, _colour(rng).tolist(), -1)
        cv2.rectangle(image, corners, _colour(rng).tolist(), int(rng.integers(1, 3)))
    floor = int(rng.uniform(0.7, 1.1) * height)
    cv2.rectangle(image, (0, floor, width, height), _colour(rng, 20, 150).tolist(), -1)
    return _grain(rng, image, 3.0)


def _country(rng: np.random.Generator, width: int, height: int) -> Image:
    sky = np.array([235.0, 205.0, 170.0]) * rng.uniform(0.7, 1.05)
    ground = np.array([60.0, 120.0, 90.0]) * rng.uniform(0.5, 1.3)
    down = np.linspace(0, 1, height)[:, None, None]
    haze = np.clip(sky + (1 - sky / 255) * 60 * down, 0, 255)
    image = np.broadcast_to(haze, (height, width, 3)).astype(np.uint8, order="C")
    horizon = int(rng.uniform(0.3, 0.75) * height)
    cv2.rectangle(image, (0, horizon, width, height), ground.tolist(), -1)
    for _ in range(int(rng.integers(6, 20))):  # bushes and trees along the horizon
        centre = int(rng.uniform(0, width)), int(horizon + rng.normal(0, 0.08) * height)
        radii = int(rng.uniform(0.03, 0.16) * width) + 1, int(rng.uniform(0.03, 0.2) * height) + 1
        leaf = np.clip(ground * rng.uniform(0.4, 1.3) + rng.normal(0, 8, 3), 0, 255)
        cv2.ellipse(image, centre, radii, 0, 0, 360, leaf.tolist(), -1)
    return _grain(rng, image, float(rng.uniform(4, 10)))


def _lights(rng: np.random.Generator, width: int, height: int) -> Image:
    image = (_gradient(rng, width, height) * rng.uniform(0.25, 0.6)).astype(np.uint8)
    glow = np.zeros_like(image)
    for _ in range(int(rng.integers(10, 40))):
        centre = int(rng.uniform(0, width)), int(rng.uniform(0, height))
        colour = _colour(rng, 60, 230) * [0.6, 0.85, 1.0]
        cv2.circle(glow, centre, int(rng.uniform(0.01, 0.06) * width) + 1, colour.tolist(), -1)
    lit: Image = cv2.add(image, glow // 2)
    return lit
