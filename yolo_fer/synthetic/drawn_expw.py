"""A folder of drawn scenes in the layout of ExpW, with all that makes the real one awkward."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yolo_fer.emotions import EXPW, Emotion
from yolo_fer.files import write_atomically
from yolo_fer.images import encode_jpeg
from yolo_fer.synthetic.scene_drawing import DrawnFace, Scene, WantedFace, draw_scene

__all__ = ["DrawnFace", "Scene", "WantedFace", "WrittenExpw", "draw_scene", "write_expw"]

LONG_SIDE = 416
_SHORT_SIDES = (256, 312, 344, 416)
_COPIED = 0.04  # share of the files that repeat another one's bytes under a name of their own
_LOW_SCORES = 0.08  # share of the rows whose score is below 50, ExpW's usual limit
_FACES = (0.44, 0.27, 0.14, 0.08, 0.04, 0.03)  # share of the scenes with 1, 2 ... 6 faces
_MEAN_FACES = sum(number * share for number, share in enumerate(_FACES, start=1))
_NUMBER = {emotion: number for number, emotion in EXPW.items()}
_TRUTH_COLUMNS = ("image_name", "left", "top", "right", "bottom", "emotion", "labelled", "copy_of")


@dataclass(frozen=True, slots=True)
class WrittenExpw:
    """What was written.

    Args:
        images: the number of files below image/origin, copies included.
        rows: the number of rows in label/label.lst.
        unlabelled: the number of faces in the images that have no row, those in copies included.
        copies: the number of files that are byte-identical to another one.
    """

    images: int
    rows: int
    unlabelled: int
    copies: int


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of label.lst: an integer square box and a detector's score."""

    left: int
    top: int
    side: int
    score: float
    emotion: Emotion

    def text(self, name: str, face_id: int) -> str:
        right, bottom = self.left + self.side, self.top + self.side
        # top stands before left in ExpW's rows
        return (
            f"{name} {face_id} {self.top} {self.left} {right} {bottom} "
            f"{self.score:.4f} {_NUMBER[self.emotion]}"
        )


def write_expw(root: Path, n_images: int, seed: int, unlabelled_share: float = 0.2) -> WrittenExpw:
    """Draw scenes and write them as ExpW is distributed.

    Writes `image/origin/*.jpg`, `label/label.lst` with the rows `image_name face_id top left right
    bottom score label`, and next to them `truth.csv` with every drawn face, the unlabelled ones
    included. As in ExpW an image has several rows, boxes pass the image's edge, some scores are
    below 50, and some files are copies of others under names of their own, with labels that repeat,
    complete or contradict the original's. The classes are balanced. The same seed gives the same
    bytes with the same versions of NumPy and OpenCV.

    Args:
        root: the folder to write to, which is made if it is missing.
        n_images: the number of image files.
        seed: the seed of all random choices.
        unlabelled_share: the share of the faces without a row, 0 to 1; the first face always has
            one.
    """
    rng = np.random.default_rng(seed)
    origin, label = root / "image" / "origin", root / "label"
    origin.mkdir(parents=True, exist_ok=True)
    label.mkdir(parents=True, exist_ok=True)
    emotions = _balanced(rng)
    lines: list[str] = []
    truth: list[tuple[str | int, ...]] = []
    copies = 0
    index = 0
    while index < n_images:
        name = _name(index)
        wanted = _wanted(rng, emotions, unlabelled_share)
        width, height = LONG_SIDE, int(rng.choice(_SHORT_SIDES))
        if rng.random() < 0.4:
            width, height = height, width
        scene = draw_scene(rng, width, height, wanted)
        data = encode_jpeg(scene.image)
        rows = [_row(rng, face) for face in scene.faces if face.labelled]
        names = [name]
        labels = [rows]
        if rng.random() < _COPIED / (1 - _COPIED) and index + 1 < n_images:
            names.append(_name(index + 1))
            labels = _disagree(rng, rows, kind=copies % 3)
            copies += 1
        for file_name, kept in zip(names, labels, strict=True):
            write_atomically(origin / file_name, data)
            lines += [row.text(file_name, face_id) for face_id, row in enumerate(kept)]
            copy_of = name if file_name != name else ""
            truth += [_truth(file_name, face, copy_of) for face in scene.faces]
        index += len(names)
    write_atomically(label / "label.lst", "".join(f"{line}\n" for line in lines).encode())
    write_atomically(root / "truth.csv", _csv(truth))
    unlabelled = sum(1 for row in truth if row[6] == 0)
    return WrittenExpw(n_images, len(lines), unlabelled, copies)


def _name(index: int) -> str:
    return f"drawn_people_{index:04d}.jpg"


def _balanced(rng: np.random.Generator) -> Iterator[Emotion]:
    """Yield emotions without end; every seven in a row are all seven."""
    while True:
        yield from (Emotion(int(value)) for value in rng.permutation(len(Emotion)))


def _wanted(
    rng: np.random.Generator, emotions: Iterator[Emotion], unlabelled_share: float
) -> list[WantedFace]:
    count = 1 + int(rng.choice(len(_FACES), p=_FACES))
    # the first face of a scene is always labelled: the others make up for it
    share = unlabelled_share * _MEAN_FACES / (_MEAN_FACES - 1)
    wanted = [WantedFace(next(emotions))]
    for _ in range(count - 1):
        if rng.random() < share:
            wanted.append(WantedFace(Emotion(int(rng.integers(len(Emotion)))), labelled=False))
        else:
            wanted.append(WantedFace(next(emotions)))
    return wanted


def _row(rng: np.random.Generator, face: DrawnFace) -> _Row:
    if rng.random() < _LOW_SCORES:
        score = float(rng.uniform(0.2, 50))
    else:
        score = float(np.clip(rng.normal(88, 18), 50.5, 138))
    box = face.box
    side = round(box.x2 - box.x1)
    return _Row(round(box.x1), round(box.y1), side, score, face.emotion)


def _disagree(rng: np.random.Generator, rows: list[_Row], kind: int) -> list[list[_Row]]:
    """Return the rows of an image and of its copy: the same, shared out, or in contradiction."""
    if kind == 1 and len(rows) > 1:
        return [rows[:1], rows[1:]]
    if kind == 2:
        first = rows[0]
        other = Emotion((first.emotion + 1 + int(rng.integers(len(Emotion) - 1))) % len(Emotion))
        wrong = _Row(first.left, first.top, first.side, first.score, other)
        return [rows, [wrong, *rows[1:]]]
    return [rows, rows]


def _truth(name: str, face: DrawnFace, copy_of: str) -> tuple[str | int, ...]:
    x1, y1 = round(face.box.x1), round(face.box.y1)
    side = round(face.box.x2 - face.box.x1)
    return name, x1, y1, x1 + side, y1 + side, face.emotion.label, int(face.labelled), copy_of


def _csv(rows: list[tuple[str | int, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_TRUTH_COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()
