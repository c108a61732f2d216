"""What a scene shows is where its boxes say."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.helpers.scenes import crop, scenes_of
from yolo_fer import boxes, images
from yolo_fer.convert.crops import TIGHT, AssignedCrop
from yolo_fer.convert.scenes.composing import SceneTask
from yolo_fer.dataset.samples import box_array
from yolo_fer.faces.retinaface import RetinaFace


def test_retinaface_finds_the_faces_where_the_boxes_are_and_nothing_else(
    scenes: list[SceneTask],
) -> None:
    finder = RetinaFace(threads=1)
    overlaps: list[float] = []
    false = 0
    for task in scenes:
        (found,) = finder.find([images.decode(task.jpeg())])
        faces = box_array(task.sample.faces)
        overlap = boxes.iou(faces, boxes.retinaface_to_expw(found.boxes))
        large = faces[:, 2] - faces[:, 0] >= 48
        overlaps += overlap.max(axis=1, initial=0)[large].tolist()
        false += int((overlap.max(axis=0, initial=0) == 0).sum())
    assert len(overlaps) > 30
    assert np.mean(np.array(overlaps) >= 0.5) >= 0.95
    assert np.mean(overlaps) > 0.8
    assert false <= 1, "a background or a decoy looks like a face"


def of_size(number: int, height: int, width: int) -> AssignedCrop:
    """Return a crop of one colour."""
    whole = crop(number)
    pixels = np.full((height, width, 3), (0, 0, 255), np.uint8)
    own = replace(
        whole.crop,
        box=TIGHT.box(width, height),
        width=width,
        height=height,
        load=partial(np.copy, pixels),
    )
    return replace(whole, crop=own)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 2), (1, 3), (2, 5)])
def test_crops_of_a_few_pixels_are_painted_before_every_background(height: int, width: int) -> None:
    tasks = scenes_of([of_size(i, height, width) for i in range(40)])
    assert len(tasks) > 5, "a third of the backgrounds are torn pieces of crops"
    for task in tasks:
        assert images.decode(task.jpeg()).shape[:2] == (task.layout.height, task.layout.width)


@pytest.mark.parametrize(("height", "width"), [(9, 33_000), (33_000, 9)])
def test_a_crop_that_is_longer_than_opencv_warps_is_painted_where_its_box_is(
    height: int, width: int
) -> None:
    for task in scenes_of([of_size(0, height, width)]):
        (face,) = task.sample.faces
        x, y = round((face.box.x1 + face.box.x2) / 2), round((face.box.y1 + face.box.y2) / 2)
        blue, green, red = images.decode(task.jpeg())[y, x].tolist()
        assert red > blue + 60
        assert red > green + 60
