"""What a scene shows is where its boxes say."""

from __future__ import annotations

import numpy as np

from yolo_fer import boxes, images
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
