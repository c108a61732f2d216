"""From datasets to pictures: photographs with all their faces, and crops with soft labels."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.shipping.all_faces import AllFacesFinder, with_all_faces
from tools.shipping.pictures import Picture, soft_label, to_grey
from yolo_fer import images
from yolo_fer.convert.affectnet_source import AffectnetFace, read_folders
from yolo_fer.convert.crops import TIGHT, CropKind
from yolo_fer.convert.fer2013 import candidate
from yolo_fer.convert.fer2013_source import CHOICES, SIDE, FerBallot, read_ballots
from yolo_fer.convert.folders_source import find_images
from yolo_fer.convert.grouping import assign_splits
from yolo_fer.convert.rafdb_source import RafdbFace, RafdbFolder
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.dataset.samples import box_array
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.detector.preprocess import PADDING
from yolo_fer.emotions import Emotion

_FER_VALIDATION = 0.05
_LEAST_VOTES = 5  # of ten
_LONGEST = 416  # pixels: the longer side of ExpW's photographs as we have them
_AGREED = 0.9  # of a soft label: half of it is another's where two disagree
RAFDB_ALIGNED = CropKind(0.516, 0.434, 1.09)
"""Where ExpW's box lies in RAF-DB's aligned faces: the median of RetinaFace's on 611 of them."""
AFFECTNET_CROP = CropKind(0.512, 0.486, 0.828)
"""Likewise in AffectNet's faces of 96 pixels, for the 7 in 1,000 on which RetinaFace finds none."""
_CHOSEN = [CHOICES.index(emotion.label) for emotion in Emotion]


def photographs(every_face: Path, default: Path, finder: AllFacesFinder) -> list[Picture]:
    """Return the training photographs of ExpW with all their faces.

    Args:
        every_face: ExpW converted with `--min-score 0 --unlabelled ignore`, for the labels of all
            rows and unpainted pixels.
        default: ExpW converted as by default; no picture of a group that reaches into its
            validation or test images is taken.
        finder: of the unlabelled faces.

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
        faces = [face for face in record.faces() if face.emotion is not None]
        image = images.read(every_face / row.file)
        picture = Picture(
            name=row.source_file,
            pixels=to_grey(image),
            boxes=box_array(faces).astype(np.float32),
            targets=_stack([soft_label(face.emotion) for face in faces]),
        )
        pictures.append(with_all_faces(picture, finder.find(image)))
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
        for ballot, where in zip(
            ballots, assign_splits(candidates, seed=0, shares=shares), strict=True
        )
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


def rafdb_crops(root: Path) -> list[Picture]:
    """Return the aligned training faces of RAF-DB.

    Raises:
        YoloFerError: if the folder is not RAF-DB's, or an image cannot be read.
    """
    folder = RafdbFolder.find(root)
    return [
        _crop(
            face.file,
            to_grey(images.read(folder.image_folder / face.file)),
            soft_label(face.emotion),
            RAFDB_ALIGNED,
        )
        for face in folder.rows()
        if isinstance(face, RafdbFace) and face.split == "train" and face.box is None
    ]


def affectnet_crops(root: Path, finder: AllFacesFinder) -> list[Picture]:
    """Return the faces of a copy of AffectNet in folders, two opinions each as a soft label.

    The face is not at the same place in all crops, so that each is searched.

    Raises:
        YoloFerError: if the folder is no such copy, or an image cannot be read.
    """
    rows, _ = read_folders(root, Path(os.devnull))
    pictures = []
    for face in rows:
        if not isinstance(face, AffectnetFace):
            continue
        image = images.read(root / face.file)
        crop = _crop(face.file, to_grey(image), _opinions(face), AFFECTNET_CROP)
        box = _largest_face(image, finder)
        pictures.append(crop if box is None else replace(crop, boxes=box))
    return pictures


def _largest_face(crop: images.Image, finder: AllFacesFinder) -> NDArray[np.float32] | None:
    """Return (1, 4) the largest face of a crop, None if there is none of a likely size."""
    width = crop.shape[1]
    margin = width // 10  # RetinaFace misses faces that touch the edge
    padded = cv2.copyMakeBorder(
        crop, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(PADDING,) * 3
    )
    boxes = finder.find(padded).boxes - margin
    sides = boxes[:, 2] - boxes[:, 0]
    if not len(sides) or not 0.42 < sides.max() / width < 1.15:
        return None
    return np.asarray(boxes[int(sides.argmax())][None], np.float32)


def agreed(picture: Picture) -> bool:
    """Whether all who named the one face of a crop named the same expression."""
    return float(picture.targets[0].max()) > _AGREED


def film_frames(root: Path, finder: AllFacesFinder) -> list[Picture]:
    """Return the frames of SFEW: the largest face has the label of the frame.

    Frames on which no face is found are left out.

    Raises:
        YoloFerError: if there is no image, or one cannot be read.
    """
    pictures = []
    for frame in find_images(root, None, Path(os.devnull)):
        image = images.read(root / frame.file)
        faces = finder.find(image)
        if frame.emotion is None or not len(faces.boxes):
            continue
        sides = faces.boxes[:, 2] - faces.boxes[:, 0]
        largest = int(sides.argmax())
        box = faces.boxes[largest : largest + 1].astype(np.float32)
        alone = Picture(frame.file, to_grey(image), box, soft_label(frame.emotion)[None])
        pictures.append(with_all_faces(alone, faces))
    return pictures


def film_of(picture: Picture) -> str:
    """Return the film that a frame of SFEW is from, with which the name of its file begins."""
    return Path(picture.name).name.split("_")[0]


def person_of(picture: Picture) -> str:
    """Return the person whom a crop of CK+ shows, with whom the name of its file begins."""
    return Path(picture.name).name.split("_")[0]


def _opinions(face: AffectnetFace) -> NDArray[np.float32]:
    """Return (7,) the mean of all opinions; one that is none of the seven does not count."""
    named = [Emotion.from_name(name) for name in face.opinions or (face.emotion.label,)]
    labels = [soft_label(emotion, 0.05) for emotion in named if emotion is not None]
    return np.asarray(np.mean(labels, axis=0), np.float32)


def _crop(
    name: str, pixels: NDArray[np.uint8], target: NDArray[np.float32], kind: CropKind = TIGHT
) -> Picture:
    height, width = pixels.shape
    box = box_array([kind.box(width, height)]).astype(np.float32)
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
