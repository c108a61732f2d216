"""Where the faces of a scene go: none covers another, and none is drawn too large."""

from __future__ import annotations

import numpy as np

from tests.helpers.scenes import crop, scenes_of
from yolo_fer import boxes
from yolo_fer.convert.scenes.composing import SceneTask
from yolo_fer.convert.scenes.layout import extent
from yolo_fer.dataset.samples import box_array


def test_no_face_covers_another_or_passes_the_edge(scenes: list[SceneTask]) -> None:
    for task in scenes:
        sample = task.sample
        assert max(sample.width, sample.height) == 416
        inside = boxes.clip(box_array(sample.faces), sample.width, sample.height)
        assert np.array_equal(inside, box_array(sample.faces))
        placed = [(task.crops[place.member], place) for place in task.layout.places]
        patches = box_array([extent(crop, place, 0) for crop, place in placed])
        common = boxes.intersection(patches, patches)
        assert not common[~np.eye(len(patches), dtype=bool)].any()


def test_a_large_crop_is_not_enlarged_and_a_small_one_at_most_four_times() -> None:
    tasks = scenes_of([crop(i, side=12) for i in range(20)])
    sides = box_array(face for task in tasks for face in task.sample.faces)
    assert (sides[:, 2] - sides[:, 0]).max() <= 4 * 12 * 1.03 + 1e-6
