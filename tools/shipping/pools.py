"""From datasets to pictures: ExpW with every face, FER+ with its votes, folders of crops."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.shipping.pictures import Picture, soft_label, to_grey
from yolo_fer import images
from yolo_fer.convert.crops import TIGHT
from yolo_fer.convert.fer2013 import candidate
from yolo_fer.convert.fer2013_source import CHOICES, SIDE, FerBallot, read_ballots
from yolo_fer.convert.folders_source import find_images
from yolo_fer.convert.grouping import deal
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.dataset.samples import box_array
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.emotions import Emotion

_FER_VALIDATION = 0.05
_LEAST_VOTES = 5  # of ten
_LONGEST = 416  # pixels: the longer side of ExpW's photographs as we have them
_CHOSEN = [CHOICES.index(emotion.label) for emotion in Emotion]


def photographs(every_face: Path, default: Path) -> list[Picture]:
    """Return the training photographs of ExpW with all their faces.

    Args:
        every_face: ExpW converted with `--min-score 0 --unlabelled ignore`, for the labels of all
            rows and unpainted pixels.
        default: ExpW converted as by default; no picture of a group that reaches into its
            validation or test images is taken.

    Raises:
        YoloFerError: if a folder is no converted set, or an image cannot be read.
    """
    default_split = {row.source_file: row.split for row in open_converted_set(default).rows()}
    rows = list(open_converted_set(every_face).images())
    held_out = {
        row.group for row, _ in rows if default_split.get(row.source_file) in ("val", "test")
    }
    pictures = []
    for row, record in rows:
        split = default_split.get(row.source_file, row.split)
        if split != "train" or row.group in held_out:
            continue
        faces = record.faces()
        pictures.append(
            Picture(
                name=row.source_file,
                pixels=to_grey(images.read(every_face / row.file)),
                boxes=box_array(faces).astype(np.float32),
                targets=_stack([soft_label(face.emotion) for face in faces]),
            )
        )
    return pictures


def labelled_faces(converted: Path, split: str, every: int = 1) -> list[Picture]:
    """Return images of a split with the faces whose expression is known.

    Args:
        converted: by default options, so that in training images nobody else is to be seen.
        split: `train`, `val` or `test`.
        every: how many images to go on; neighbouring frames look alike.

    Raises:
        YoloFerError: if the folder is no converted set, or an image cannot be read.
    """
    pictures = []
    rows = [item for item in open_converted_set(converted).images() if item[0].split == split]
    for row, record in rows[::every]:
        faces = [face for face in record.faces() if face.emotion is not None]
        if not faces:
            continue
        grey = to_grey(images.read(converted / row.file))
        scale = min(1.0, _LONGEST / max(grey.shape))
        small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        boxes = (scale * box_array(faces)).astype(np.float32)
        targets = _stack([soft_label(face.emotion) for face in faces])
        pictures.append(Picture(row.file, np.asarray(small, np.uint8), boxes, targets))
    return pictures


def fer_crops(table: Path, votes: Path, split: str) -> list[Picture]:
    """Return the faces of FER2013 with the votes of FER+ as soft labels.

    Args:
        table: fer2013.csv, also compressed.
        votes: fer2013new.csv.
        split: `train`, or `val`, which is taken out of the training rows by groups of
            near-duplicates. Nothing that looks like a test row is in either.

    Raises:
        YoloFerError: if a file cannot be used.
    """
    ballots = list(read_ballots(table, votes))
    shares = SplitShares(val=_FER_VALIDATION, test=0.0)
    candidates = [candidate(ballot.pixels, ballot.split) for ballot in ballots]
    return [
        _crop(f"{table.name}:{ballot.line}", _pixels(ballot), _shares(ballot))
        for ballot, where in zip(ballots, deal(candidates, seed=0, shares=shares), strict=True)
        if where.split == split and not where.conflict and _names_an_emotion(ballot)
    ]


def folder_crops(root: Path) -> list[Picture]:
    """Return tight crops that lie in a folder per emotion; other folders are left out.

    Raises:
        YoloFerError: if there is no image, or one cannot be read.
    """
    return [
        _crop(image.file, to_grey(images.read(root / image.file)), soft_label(image.emotion))
        for image in find_images(root, None, Path(os.devnull))
        if image.emotion is not None
    ]


def _crop(name: str, pixels: NDArray[np.uint8], target: NDArray[np.float32]) -> Picture:
    height, width = pixels.shape
    box = box_array([TIGHT.box(width, height)]).astype(np.float32)
    return Picture(name, pixels, box, target[None], exact=False)


def _names_an_emotion(ballot: FerBallot) -> bool:
    """Whether most annotators named one of the seven, be it different ones."""
    seven = sum(ballot.counts[choice] for choice in _CHOSEN)
    return seven >= _LEAST_VOTES and 2 * seven > sum(ballot.counts)


def _pixels(ballot: FerBallot) -> NDArray[np.uint8]:
    return np.frombuffer(ballot.pixels, np.uint8).reshape(SIDE, SIDE)


def _shares(ballot: FerBallot) -> NDArray[np.float32]:
    """Return (7,) the votes for the seven emotions as shares of their sum."""
    counts = np.array(ballot.counts, np.float32)[_CHOSEN]
    return np.asarray(counts / counts.sum(), np.float32)


def _stack(targets: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.array(targets, np.float32).reshape(-1, len(Emotion))
