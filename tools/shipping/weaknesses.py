"""A picture of what a detector cannot do, on drawn faces: nobody's photograph is needed for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from yolo_fer.detector import Detector
from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.outputs.drawing import annotate
from yolo_fer.results import FacePrediction
from yolo_fer.synthetic.face_drawing import draw_face
from yolo_fer.synthetic.scenery import draw_background

_SIDE = 416  # of a scene, in pixels
_FACE = 130.0  # side of a face's box unless a trial is about its size
_SEED = 7
_SHOWN = 1.9  # sides of the face's box
_TILE = 260  # pixels of a scene's part in the picture
_DPI = 80


@dataclass(frozen=True, slots=True)
class Trial:
    """A drawn face that is made hard to read.

    Args:
        title: what is hard.
        emotion: that the face shows.
        side: of the face's box, in pixels; the face is in the middle of its scene.
        spoil: makes the scene hard.
    """

    title: str
    emotion: Emotion = Emotion.HAPPINESS
    side: float = _FACE
    spoil: Callable[[Image], Image] = lambda scene: scene

    def scene(self) -> Image:
        """Return (416, 416, 3) BGR."""
        rng = np.random.default_rng(_SEED)
        face = draw_face(self.emotion, rng, self.side)
        middle = np.array([face.box.x1 + face.box.x2, face.box.y1 + face.box.y2]) / 2
        shift = np.array([[1, 0, _SIDE / 2 - middle[0]], [0, 1, _SIDE / 2 - middle[1]]], np.float32)
        pixels = cv2.warpAffine(face.image, shift, (_SIDE, _SIDE))
        alpha = cv2.warpAffine(face.alpha, shift, (_SIDE, _SIDE))[..., None] / 255
        scene = draw_background(rng, _SIDE, _SIDE) * (1 - alpha) + pixels * alpha
        return self.spoil(scene.astype(np.uint8))


def _turned(scene: Image, degrees: float) -> Image:
    matrix = cv2.getRotationMatrix2D((_SIDE / 2, _SIDE / 2), degrees, 1)
    return np.asarray(
        cv2.warpAffine(scene, matrix, (_SIDE, _SIDE), borderMode=cv2.BORDER_REFLECT), np.uint8
    )


def _darkened(scene: Image, share: float) -> Image:
    return (scene * share).astype(np.uint8)


def _covered(scene: Image, top: float, bottom: float) -> Image:
    """Cover a band of the face, from and to shares of its box's height."""
    canvas = scene.copy()
    start = (_SIDE - _FACE) / 2
    y1, y2 = (round(start + _FACE * share) for share in (top, bottom))
    cv2.rectangle(canvas, (round(start + 10), y1), (round(start + 120), y2), (90, 80, 70), -1)
    return canvas


ROWS = (
    ("expressions", [Trial(emotion.label, emotion) for emotion in Emotion]),
    ("smaller", [Trial(f"{side} px", side=side) for side in (96, 64, 48, 32, 24, 16, 10)]),
    (
        "turned",
        [Trial(f"{d}°", spoil=partial(_turned, degrees=d)) for d in (15, 30, 45, 60, 90, 135, 180)],
    ),
    (
        "darker",
        [
            Trial(f"{s:.0%} of the light", spoil=partial(_darkened, share=s))
            for s in (0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02)
        ],
    ),
    (
        "covered",
        [
            Trial(title, spoil=partial(_covered, top=top, bottom=bottom))
            for title, top, bottom in (
                ("brows", 0.2, 0.36),
                ("eyes", 0.36, 0.54),
                ("nose", 0.5, 0.68),
                ("mouth", 0.68, 0.9),
                ("lower half", 0.5, 1.0),
                ("upper half", 0.0, 0.5),
                ("all", 0.1, 0.95),
            )
        ],
    ),
)
"""What is tried, row by row; compared with the first row, in which everybody is happy."""


def draw_weaknesses(detector: Detector, path: Path) -> None:
    """Draw every trial with what the detector says of it.

    Args:
        detector: as `predict` runs it.
        path: of the picture, JPEG or PNG; replaced if it is there.
    """
    from matplotlib.figure import Figure

    columns = max(len(trials) for _, trials in ROWS)
    figure = Figure(figsize=(1.75 * columns, 2.1 * len(ROWS)), dpi=_DPI, layout="constrained")
    axes = figure.subplots(len(ROWS), columns)
    for row, (name, trials) in zip(axes, ROWS, strict=True):
        row[0].set_ylabel(name)
        for place, trial in zip(row, trials, strict=True):
            scene = trial.scene()
            faces = detector(scene).faces
            best = max(faces, key=lambda face: face.score, default=None)
            said = "not found" if best is None else best.caption
            right = best is not None and best.emotion is trial.emotion
            place.imshow(_enlarged(scene, faces, trial.side)[..., ::-1])
            place.set_title(f"{trial.title}\n{said}", fontsize=9, color="black" if right else "red")
            place.set_xticks([])
            place.set_yticks([])
    figure.savefig(path, pil_kwargs={"quality": 85})


def _enlarged(scene: Image, faces: Sequence[FacePrediction], side: float) -> Image:
    """Return (260, 260, 3) the middle of a scene, so large that the face can be seen, annotated."""
    half = min(_SIDE // 2, round(_SHOWN * side / 2))
    start = _SIDE // 2 - half
    part = scene[start : start + 2 * half, start : start + 2 * half]
    scale = _TILE / (2 * half)
    seen = cv2.resize(part, (_TILE, _TILE), interpolation=cv2.INTER_NEAREST)
    moved = []
    for face in faces:
        x1, y1, x2, y2 = (scale * (value - start) for value in face.box)
        moved.append(replace(face, box=(x1, y1, x2, y2)))
    return annotate(np.asarray(seen, np.uint8), moved)
