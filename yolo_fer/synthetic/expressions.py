"""The seven expressions as muscle movements, after the Facial Action Coding System."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from yolo_fer.emotions import Emotion


class ActionUnit(IntEnum):
    """A movement of the face that can be seen by itself, with its number in FACS."""

    INNER_BROW_RAISER = 1
    OUTER_BROW_RAISER = 2
    BROW_LOWERER = 4
    UPPER_LID_RAISER = 5
    CHEEK_RAISER = 6
    LID_TIGHTENER = 7
    NOSE_WRINKLER = 9
    UPPER_LIP_RAISER = 10
    LIP_CORNER_PULLER = 12
    LIP_CORNER_DEPRESSOR = 15
    LOWER_LIP_DEPRESSOR = 16
    CHIN_RAISER = 17
    LIP_STRETCHER = 20
    LIP_TIGHTENER = 23
    LIPS_PART = 25
    JAW_DROP = 26
    EYES_CLOSED = 43


# The prototypes of Ekman, Friesen and Hager (FACS Investigator's Guide, 2002); a variant adds what
# people often do in addition. The numbers are the strength at full intensity.
_PROTOTYPES: Mapping[Emotion, tuple[Mapping[int, float], ...]] = {
    Emotion.ANGER: (
        {4: 1.0, 5: 0.6, 7: 0.6, 23: 1.0, 17: 0.3},
        {4: 1.0, 5: 0.7, 7: 0.5, 23: 0.5, 10: 0.4, 16: 0.6, 25: 0.7},
    ),
    Emotion.DISGUST: (
        {9: 1.0, 10: 1.0, 4: 0.4, 7: 0.5, 15: 0.5, 17: 0.4},
        {9: 1.0, 10: 1.0, 4: 0.3, 7: 0.6, 16: 0.5, 25: 0.5},
    ),
    Emotion.FEAR: (
        {1: 1.0, 2: 0.5, 4: 0.6, 5: 1.0, 20: 1.0, 25: 0.5, 26: 0.3},
        {1: 1.0, 2: 0.6, 4: 0.7, 5: 1.0, 20: 0.9, 25: 0.7, 26: 0.5},
    ),
    Emotion.HAPPINESS: (
        {6: 0.9, 12: 1.0, 25: 0.9},
        {6: 1.0, 12: 1.0, 25: 1.0, 26: 0.35},
        {6: 0.8, 12: 0.9},
    ),
    Emotion.SADNESS: (
        {1: 1.0, 4: 0.6, 15: 1.0, 17: 0.5, 43: 0.15},
        {1: 1.0, 4: 0.5, 15: 0.9, 43: 0.4},
    ),
    Emotion.SURPRISE: ({1: 1.0, 2: 1.0, 5: 0.7, 25: 0.9, 26: 1.0},),
    Emotion.NEUTRAL: ({},),
}


@dataclass(frozen=True, slots=True)
class Expression:
    """How strongly each action unit is at work.

    Args:
        strengths: action unit to strength, 0 (at rest) to about 1.
        lopsided: the share by which the movement is stronger on the image's right, -1 to 1.
    """

    strengths: Mapping[int, float]
    lopsided: float = 0.0

    def __getitem__(self, unit: ActionUnit) -> float:
        return self.strengths.get(unit, 0.0)


def sample_expression(emotion: Emotion, rng: np.random.Generator) -> Expression:
    """Draw one way of showing an emotion; no two are alike."""
    variants = _PROTOTYPES[emotion]
    prototype = variants[int(rng.integers(len(variants)))]
    intensity = rng.uniform(0.75, 1.05)
    strengths = {int(unit): abs(float(rng.normal(0.0, 0.03))) for unit in ActionUnit}
    for unit, strength in prototype.items():
        strengths[unit] = float(strength * intensity * rng.uniform(0.85, 1.15))
    return Expression(strengths, float(rng.uniform(-0.15, 0.15)))
