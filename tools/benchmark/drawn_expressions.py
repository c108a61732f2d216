"""Films of drawn people whose expressions change, as a release of Aff-Wild2 with all labels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from yolo_fer.emotions import AFFWILD2, Emotion
from yolo_fer.images import Image
from yolo_fer.synthetic.drawn_expw import WantedFace, draw_scene
from yolo_fer.synthetic.scenery import photograph

_WIDTH, _HEIGHT = 480, 360
_RATE = 30
_SWING = 24  # pixels that the picture moves to and fro
_SHORTEST, _LONGEST = 1.0, 3.0  # seconds that an expression lasts
_CHANGING = 6  # frames that a change takes
_NUMBERS = {emotion: number for number, emotion in AFFWILD2.items()}


def write_expressions(root: Path, videos: int, seconds: float) -> None:
    """Film drawn people, one for each video, and label every frame.

    Args:
        root: where to write.
        videos: how many.
        seconds: length of each.
    """
    labels = root / "EXPR_Set" / "Validation_Set"
    labels.mkdir(parents=True)
    (root / "videos").mkdir()
    header = ",".join(emotion.label.capitalize() for emotion in AFFWILD2.values())
    for number in range(videos):
        rng = np.random.default_rng(number)
        course = list(itertools.islice(_course(rng), round(seconds * _RATE)))
        _film(root / "videos" / f"{number}.mp4", number, course)
        lines = [header, *(str(_NUMBERS[emotion]) for emotion in course)]
        (labels / f"{number}.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


def _course(rng: np.random.Generator) -> Iterator[Emotion]:
    """Yield the expression of each frame, without end."""
    shown = Emotion.NEUTRAL
    while True:
        yield from itertools.repeat(shown, round(rng.uniform(_SHORTEST, _LONGEST) * _RATE))
        shown = Emotion(int(rng.choice([e for e in Emotion if e is not shown])))


def _film(path: Path, person: int, course: list[Emotion]) -> None:
    import av

    pictures = {emotion: _draw(person, emotion) for emotion in set(course)}
    rng = np.random.default_rng(person)
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream("libx264", rate=_RATE, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        for number in range(len(course)):
            # the label changes in the middle of the change
            around = course[max(number - _CHANGING // 2, 0) : number + _CHANGING // 2]
            image = photograph(rng, _moved(_mixed(pictures, around), number / _RATE))
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        file.mux(stream.encode())


def _draw(person: int, emotion: Emotion) -> Image:
    """Draw a person; the same seed gives the same looks, place and scenery."""
    rng = np.random.default_rng(person)
    return draw_scene(rng, _WIDTH + _SWING, _HEIGHT + _SWING, [WantedFace(emotion)]).image


def _mixed(pictures: Mapping[Emotion, Image], shown: Sequence[Emotion]) -> Image:
    """Return the mean picture of two expressions, each as often as it is shown, or the only one."""
    first, last = pictures[shown[0]], pictures[shown[-1]]
    share = shown.count(shown[0]) / len(shown)
    return first if share == 1 else cv2.addWeighted(first, share, last, 1 - share, 0)


def _moved(picture: Image, time: float) -> Image:
    """Cut the picture out as a hand holds a camera, by parts of a pixel."""
    x, y = (_SWING / 2 * (1 + np.sin(np.array([1.7, 2.9]) * time))).tolist()
    shift = np.array([[1, 0, -x], [0, 1, -y]], np.float32)
    moved: Image = cv2.warpAffine(picture, shift, (_WIDTH, _HEIGHT), flags=cv2.INTER_LINEAR)
    return moved
