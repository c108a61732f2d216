"""What a drawn person looks like, whatever the expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from yolo_fer.synthetic.canvas import Colour

HairStyle = Literal["bald", "cropped", "short", "side", "fringe", "bob", "long", "curly", "bun"]
Beard = Literal["none", "stubble", "moustache", "full"]
Collar = Literal["round", "v", "shirt", "jacket"]

# From light to dark, blue green red, as photographs show them.
_SKIN = np.array(
    [
        [176, 202, 238],
        [152, 186, 230],
        [128, 164, 216],
        [105, 140, 194],
        [78, 110, 166],
        [58, 82, 130],
        [44, 62, 100],
    ],
    dtype=np.float64,
)
_HAIR = np.array(
    [[22, 22, 28], [30, 38, 52], [38, 58, 86], [60, 96, 138], [118, 168, 205], [40, 72, 140]],
    dtype=np.float64,
)
_GREY_HAIR = np.array([165.0, 168.0, 170.0])
_IRIS = np.array([[30, 45, 75], [40, 70, 110], [120, 105, 70], [90, 120, 95]], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Person:
    """The lasting traits of a face; lengths in head coordinates, colours blue green red.

    Args:
        skin: base colour of the skin.
        hair: base colour of the hair.
        brows: the colour of the brows.
        lips: colour of the lips.
        iris: colour of the iris.
        cloth: colour of the clothes.
        hair_style: cut of the hair.
        beard: hair of the lower face.
        collar: cut of the clothes.
        glasses: whether the person wears glasses.
        width: half the width of the head at the eyes.
        jaw: half the width of the jaw, as a share of `width`.
        chin: breadth of the chin, as a share of `width`.
        forehead: y of the hairline.
        eye_gap: x of an eye's middle.
        eye_size: half the width of an eye.
        eye_tilt: the height of an eye's outer corner above its inner corner.
        brow_height: the height of the brow over the eye.
        brow_thickness: the thickness of its thickest part.
        nose_length: the length from the eyes to the base of the nose.
        nose_width: half of it, at the wings.
        mouth_width: half of it, at rest.
        lip_fullness: the thickness of both lips together.
        age: the strength of wrinkles, from 0 (none) to 1.
    """

    skin: Colour
    hair: Colour
    brows: Colour
    lips: Colour
    iris: Colour
    cloth: Colour
    hair_style: HairStyle
    beard: Beard
    collar: Collar
    glasses: bool
    width: float
    jaw: float
    chin: float
    forehead: float
    eye_gap: float
    eye_size: float
    eye_tilt: float
    brow_height: float
    brow_thickness: float
    nose_length: float
    nose_width: float
    mouth_width: float
    lip_fullness: float
    age: float


def sample_person(rng: np.random.Generator) -> Person:
    """Return a random person."""
    tone = float(rng.uniform(0, len(_SKIN) - 1))
    skin = _between(_SKIN, tone) * rng.uniform(0.96, 1.03) * rng.uniform(0.98, 1.02, 3)
    old = float(rng.beta(1.2, 2.2))
    fair = tone < 2.5  # blond and red hair go with light skin
    hair = _HAIR[int(rng.integers(len(_HAIR) if fair else 3))] * rng.uniform(0.8, 1.2)
    if old > 0.65:
        hair = hair + (_GREY_HAIR - hair) * rng.uniform(0.4, 0.9)
    masculine = bool(rng.random() < 0.5)
    styles: tuple[HairStyle, ...] = (
        ("bald", "cropped", "short", "side", "side", "curly")
        if masculine
        else ("fringe", "bob", "long", "long", "curly", "bun", "side")
    )
    beards: tuple[Beard, ...] = ("none", "none", "none", "stubble", "moustache", "full")
    red = rng.uniform(0.25, 0.5) if not masculine and rng.random() < 0.5 else 0.18
    lip_paint = np.array([85.0, 75.0, 175.0]) * (skin.mean() / 190 * 0.5 + 0.5)
    width = float(rng.uniform(0.66, 0.76))
    return Person(
        skin=np.clip(skin, 20, 245),
        hair=np.clip(hair, 8, 230),
        brows=np.clip(hair * 0.6 + skin * 0.08, 8, 160),
        lips=skin * np.array([0.74, 0.68, 0.88]) * (1 - red) + lip_paint * red,
        iris=_IRIS[int(rng.integers(len(_IRIS) if fair else 2))] * rng.uniform(0.7, 1.1),
        cloth=_cloth(rng),
        hair_style=styles[int(rng.integers(len(styles)))],
        beard=beards[int(rng.integers(len(beards)))] if masculine else "none",
        collar=("round", "v", "shirt", "jacket")[int(rng.integers(4))],
        glasses=bool(rng.random() < 0.1),
        width=width,
        jaw=float(rng.uniform(0.8, 0.9) + 0.04 * masculine),
        chin=float(rng.uniform(0.3, 0.42) + 0.06 * masculine),
        forehead=float(rng.uniform(-0.72, -0.58)),
        eye_gap=float(rng.uniform(0.43, 0.48)) * width,
        eye_size=float(rng.uniform(0.205, 0.235)) * width,
        eye_tilt=float(rng.uniform(-0.01, 0.035)),
        brow_height=float(rng.uniform(0.20, 0.25)),
        brow_thickness=float(rng.uniform(0.04, 0.06) + 0.02 * masculine),
        nose_length=float(rng.uniform(0.37, 0.44)),
        nose_width=float(rng.uniform(0.145, 0.20)),
        mouth_width=float(rng.uniform(0.25, 0.31)),
        lip_fullness=float(rng.uniform(0.10, 0.16) - 0.02 * masculine),
        age=old,
    )


def _between(table: Colour, at: float) -> Colour:
    low = int(at)
    high = min(low + 1, len(table) - 1)
    return np.asarray(table[low] + (table[high] - table[low]) * (at - low))


def _cloth(rng: np.random.Generator) -> Colour:
    hue = rng.uniform(0, 2 * np.pi)
    colourful = rng.uniform(0.0, 0.45)
    swing = np.cos(hue + np.array([0.0, 2.1, 4.2])) * colourful
    return np.asarray(np.clip(rng.uniform(35, 200) * (1 + swing), 8, 240))
