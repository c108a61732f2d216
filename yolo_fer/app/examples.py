"""Three drawn pictures to try the page with; they show no real person."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from yolo_fer.emotions import Emotion
from yolo_fer.images import encode_jpeg
from yolo_fer.synthetic.scene_drawing import WantedFace, draw_scene

_SIZE = 640, 480
_SMALL = 240, 180


@dataclass(frozen=True, slots=True)
class Example:
    """A picture to try.

    Args:
        title: what the picture shows, in a few words.
        picture: the picture, as a JPEG file.
        thumbnail: a small copy of the picture, as a JPEG file.
    """

    title: str
    picture: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)


# Seeds with faces of a good size.
_SCENES = (
    ("One drawn person", 5, (Emotion.HAPPINESS,)),
    ("Two drawn people", 7, (Emotion.SURPRISE, Emotion.NEUTRAL)),
    ("Three drawn people", 5, (Emotion.HAPPINESS, Emotion.ANGER, Emotion.SADNESS)),
)


def draw_examples() -> list[Example]:
    """Draw the pictures; the same ones each time."""
    examples = []
    for title, seed, emotions in _SCENES:
        wanted = [WantedFace(emotion) for emotion in emotions]
        image = draw_scene(np.random.default_rng(seed), *_SIZE, wanted).image
        small = cv2.resize(image, _SMALL, interpolation=cv2.INTER_AREA)
        examples.append(Example(title, encode_jpeg(image), encode_jpeg(small)))
    return examples
