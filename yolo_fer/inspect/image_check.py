"""Looking at one image with its label file: the work that all cores share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolo_fer import images
from yolo_fer.boxes import xywh_to_xyxy
from yolo_fer.dataset.coco import UNLABELLED, CocoAnnotation, CocoImage
from yolo_fer.dataset.duplicates import perceptual_hash
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.labels import IGNORED, TrueFaces, read_yolo_labels
from yolo_fer.emotions import Emotion
from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images.header import read_header
from yolo_fer.reason_counts import ReasonCounts

TINY = 8  # pixels of the shorter side: fewer are one cell of the finest grid of a YOLO network
HUGE = 0.95  # of both sides of the image
LONG = 2.0  # longer side over shorter one
# COCO boxes are rounded to hundredths of a pixel, labels to millionths of the image.
_ROUNDING = 0.02
_OUTSIDE = 0.02


@dataclass(frozen=True, slots=True)
class CheckTask:
    """One image to look at; small enough to travel to a worker.

    Args:
        name: POSIX path from the set's folder.
        image: the image file.
        label: the path where its label file should be.
        file: the hashes that it should have; empty if they were not noted.
        coco: its record in the COCO file; None if there is none.
    """

    name: str
    image: Path
    label: Path
    file: Fingerprint
    coco: CocoImage | None


@dataclass(frozen=True, slots=True)
class ImageFindings:
    """What was found out about an image.

    Args:
        digest: first 16 bytes of the file's sha256, empty if it cannot be read.
        phash: perceptual hash, empty if it cannot be decoded.
        faces: the number of labelled faces with each emotion.
        wrong: checks that failed, each with what is wrong.
    """

    digest: bytes
    phash: bytes
    faces: tuple[int, ...]
    wrong: tuple[tuple[str, str], ...]


def examine_images(
    tasks: Sequence[CheckTask], emotions: dict[int, Emotion], foreign: dict[int, str]
) -> list[ImageFindings]:
    """Look at some images with their label files; emotions and foreign are the set's class ids."""
    return [_look_at(task, emotions, foreign) for task in tasks]


def _look_at(
    task: CheckTask, emotions: dict[int, Emotion], foreign: dict[int, str]
) -> ImageFindings:
    digest = phash = b""
    wrong: list[tuple[str, str]] = []
    size = None if task.coco is None else (task.coco.width, task.coco.height)
    try:
        data = images.read_bytes(task.image)
        whole = hashlib.sha256(data)
        digest = whole.digest()[:16]
        same = whole.hexdigest() == task.file.sha256
        if task.file.sha256 and not same:
            wrong.append(("sha256", "the file changed since it was converted"))
        if same and task.file.phash:  # it could be decoded when that was noted
            phash = bytes.fromhex(task.file.phash)
            header = read_header(data)
            width, height = header.width, header.height
        else:
            grey = images.decode_grey(data)
            phash = perceptual_hash(grey)
            height, width = grey.shape
        if size is not None and size != (width, height):
            wrong.append(("coco_sizes", f"is {width}x{height}, listed as {size[0]}x{size[1]}"))
        size = (width, height)
    except ImageError as error:
        gone = error.reason == FileFault.MISSING_IMAGE and task.file.sha256
        wrong.append(("missing_files" if gone else "images", str(error)))
    faces = _labels(task, emotions, foreign, wrong)
    if size is not None:
        wrong += [*_about_boxes(faces.in_pixels(*size), size)]
    if task.coco is not None:
        wrong += [*_about_coco(task.coco, faces)]
    counts = np.bincount(faces.emotions[faces.emotions != IGNORED], minlength=len(Emotion))
    return ImageFindings(digest, phash, tuple(counts.tolist()), tuple(wrong))


def _labels(
    task: CheckTask,
    emotions: dict[int, Emotion],
    foreign: dict[int, str],
    wrong: list[tuple[str, str]],
) -> TrueFaces:
    bad = ReasonCounts()
    faces = read_yolo_labels(task.label, emotions, foreign, bad)
    wrong += [("labels", line) for line in bad.lines("rows")]
    if faces is None:
        wrong.append(
            ("missing_files" if task.file.sha256 else "label_files", "it has no label file")
        )
        return TrueFaces.of([], [], normalised=True)
    return faces


def _about_boxes(boxes: NDArray[np.float64], size: tuple[int, int]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong or unusual about (N, 4) corner boxes in an image of this size."""
    slack = _OUTSIDE + 2e-6 * max(size)
    for x1, y1, x2, y2 in boxes.tolist():
        where = f"box {x1:.0f},{y1:.0f} to {x2:.0f},{y2:.0f} in {size[0]}x{size[1]}"
        width, height = x2 - x1, y2 - y1
        if min(x1, y1) < -slack or x2 > size[0] + slack or y2 > size[1] + slack:
            yield "boxes_inside", where
        if min(width, height) < TINY:
            yield "boxes_usual", f"tiny: {where}"
        elif width > HUGE * size[0] and height > HUGE * size[1]:
            yield "boxes_usual", f"huge: {where}"
        elif max(width, height) > LONG * min(width, height):
            yield "boxes_usual", f"far from square: {where}"


def _about_coco(coco: CocoImage, faces: TrueFaces) -> Iterator[tuple[str, str]]:
    """Yield what is wrong about the COCO file's faces, the labels' faces being given."""
    size = (coco.width, coco.height)
    labelled = [a for a in coco.annotations if not a.iscrowd]
    everyone = [emotion + 1 for emotion in Emotion]
    unlabelled = UNLABELLED["id"]
    strange = [a for a in labelled if a.category_id not in everyone]
    if strange:
        yield "coco", f"category {strange[0].category_id} of a labelled face is none of the seven"
    boxes, emotions = _corners(labelled), [a.category_id - 1 for a in labelled]
    slack = _ROUNDING + 2e-6 * max(size)
    if emotions != faces.emotions.tolist():
        yield "coco_boxes", f"labels {faces.emotions.tolist()}, COCO {emotions}"
    elif len(boxes) and np.abs(boxes - faces.in_pixels(*size)).max() > slack:
        away = np.abs(boxes - faces.in_pixels(*size)).max()
        yield "coco_boxes", f"a box differs by {away:.2f} pixels"
    ignored: dict[tuple[float, ...], list[int]] = {}
    for annotation in coco.annotations:
        if annotation.iscrowd:
            ignored.setdefault(annotation.bbox, []).append(annotation.category_id)
    for bbox, categories in ignored.items():
        if sorted(categories) not in ([unlabelled], everyone):  # older files: in every emotion
            yield "ignored", f"the face at {bbox[0]:.0f},{bbox[1]:.0f} is in {sorted(categories)}"
    outside = _about_boxes(_corners([a for a in coco.annotations if a.iscrowd]), size)
    yield from dict.fromkeys(item for item in outside if item[0] == "boxes_inside")


def _corners(annotations: Sequence[CocoAnnotation]) -> NDArray[np.float64]:
    boxes = np.array([a.bbox for a in annotations], dtype=np.float64).reshape(-1, 4)
    return np.asarray(xywh_to_xyxy(boxes), dtype=np.float64)
