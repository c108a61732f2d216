"""A builder of small evaluation sets, and predictors whose every answer is known."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yolo_fer import images
from yolo_fer.boxes import xyxy_to_cxcywhn
from yolo_fer.dataset.coco import CocoFile
from yolo_fer.dataset.samples import Box, Face, Sample
from yolo_fer.dataset.writer import MANIFEST_COLUMNS
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.results import FacePrediction, Prediction

XYXY = tuple[float, float, float, float]
SIZE = 100
LEFT: XYXY = (10, 10, 40, 40)
RIGHT: XYXY = (60, 60, 90, 90)
SPLIT = "test"


@dataclass(frozen=True)
class TinyImage:
    """Faces are pairs of a box and an emotion; None is an unlabelled face."""

    faces: tuple[tuple[XYXY, Emotion | None], ...] = ()
    group: str = ""
    source: str = "drawn"
    flags: str = ""


TINY = (
    TinyImage(((LEFT, Emotion.FEAR), (RIGHT, None)), group="video 1", source="expw"),
    TinyImage((), source="affwild2"),
)


def write_set(root: Path, tiny: Sequence[TinyImage], *, coco: bool = True) -> Path:
    """Write a set as a conversion does and return its data.yaml.

    Image i is plain grey of level 10 (i + 1), by which `Canned` knows it.
    """
    for folder in ("images", "labels"):
        (root / folder / SPLIT).mkdir(parents=True)
    samples = [_sample(number, image) for number, image in enumerate(tiny)]
    for number, sample in enumerate(samples):
        pixels = np.full((SIZE, SIZE, 3), 10 * (number + 1), np.uint8)
        file = root / "images" / SPLIT / f"{sample.name}.jpg"
        file.write_bytes(images.encode_jpeg(pixels))
        (root / "labels" / SPLIT / f"{sample.name}.txt").write_text(_label(sample))
    if coco:
        (root / "annotations").mkdir()
        with CocoFile(root / "annotations" / f"instances_{SPLIT}.json") as file:
            for sample in samples:
                file.add(f"images/{SPLIT}/{sample.name}.jpg", sample)
    with (root / "manifest.csv").open("w", newline="") as file:
        rows = csv.DictWriter(file, MANIFEST_COLUMNS, restval="")
        rows.writeheader()
        for sample, image in zip(samples, tiny, strict=True):
            rows.writerow(
                {
                    "file": f"images/{SPLIT}/{sample.name}.jpg",
                    "group": sample.group,
                    "source": sample.source,
                    "flags": image.flags,
                }
            )
    names = "".join(f"  {i}: {name}\n" for i, name in enumerate(EMOTION_NAMES))
    (root / "data.yaml").write_text(f"{SPLIT}: images/{SPLIT}\nnames:\n{names}")
    return root / "data.yaml"


def _sample(number: int, image: TinyImage) -> Sample:
    faces = tuple(Face(Box(*box), emotion) for box, emotion in image.faces)
    name = f"{number:03}"
    group = image.group or name
    return Sample(name, image.source, name, "", None, SIZE, SIZE, faces, group, SPLIT)


def _label(sample: Sample) -> str:
    lines = []
    for face in sample.labelled:
        box = np.array([[face.box.x1, face.box.y1, face.box.x2, face.box.y2]])
        assert face.emotion is not None
        values = xyxy_to_cxcywhn(box, SIZE, SIZE)[0].tolist()
        lines.append(f"{int(face.emotion)} {' '.join(map(str, values))}\n")
    return "".join(lines)


def face(box: XYXY, **scores: float) -> FacePrediction:
    """A predicted face: `face(LEFT, anger=0.9)`; other scores are 0."""
    return FacePrediction(box, tuple(scores.get(name, 0.0) for name in EMOTION_NAMES))


class Canned:
    """Answers image i of `write_set` with the i-th list of faces; its input is `scale` as large."""

    name = "canned"
    advised_conf = 0.25

    def __init__(self, *answers: Sequence[FacePrediction], scale: float = 1.0) -> None:
        self.answers = answers
        self.batches: list[int] = []
        self.scale = scale

    def input_scale(self, width: int, height: int) -> float:
        return self.scale

    def predict(self, images: Sequence[np.ndarray]) -> list[Prediction]:
        self.batches.append(len(images))
        numbers = [round(float(image.mean()) / 10) - 1 for image in images]
        return [
            Prediction("", image.shape[1], image.shape[0], tuple(self.answers[number]))
            for number, image in zip(numbers, images, strict=True)
        ]
