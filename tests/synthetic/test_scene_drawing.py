"""A scene holds the faces that were asked for, where its boxes say."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.boxes import iou, retinaface_to_expw
from yolo_fer.dataset.samples import box_array
from yolo_fer.emotions import Emotion
from yolo_fer.errors import MissingExtraError
from yolo_fer.faces.retinaface import RetinaFace
from yolo_fer.synthetic.drawn_expw import Scene, WantedFace, draw_scene


def scenes(count: int, seed: int) -> list[Scene]:
    rng = np.random.default_rng(seed)
    drawn = []
    for index in range(count):
        faces = [WantedFace(Emotion((index + i) % 7), i % 3 != 2) for i in range(1 + index % 4)]
        drawn.append(draw_scene(rng, 416, 312, faces))
    return drawn


def test_a_scene_holds_what_was_asked_for_in_that_order() -> None:
    wanted = [WantedFace(emotion, emotion != Emotion.FEAR) for emotion in list(Emotion)[:6]]
    scene = draw_scene(np.random.default_rng(0), 300, 400, wanted)
    assert scene.image.shape == (400, 300, 3)
    assert [(face.emotion, face.labelled) for face in scene.faces] == [
        (face.emotion, face.labelled) for face in wanted
    ]
    overlaps = iou(box_array(face.box for face in scene.faces), box_array([scene.faces[0].box]))
    assert (overlaps[1:] < 0.3).all()


def test_faces_without_room_are_an_error() -> None:
    with pytest.raises(ValueError, match="no room in 40x40"):
        draw_scene(np.random.default_rng(0), 40, 40, [WantedFace(Emotion.FEAR)] * 6)


def test_retinaface_finds_the_faces_where_their_boxes_are() -> None:
    drawn = scenes(60, seed=4)
    try:
        found = RetinaFace(threads=1).find([scene.image for scene in drawn])
    except MissingExtraError as error:
        pytest.skip(str(error))
    best = []
    for scene, faces in zip(drawn, found, strict=True):
        boxes = retinaface_to_expw(faces.boxes)
        large = [face for face in scene.faces if face.box.x2 - face.box.x1 >= 48]
        overlaps = iou(box_array(face.box for face in large), boxes)
        best += overlaps.max(axis=1, initial=0.0).tolist()
    assert len(best) > 60
    assert np.mean(np.array(best) >= 0.5) >= 0.95
    assert np.mean(best) > 0.75
