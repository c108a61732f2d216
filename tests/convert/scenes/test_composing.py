from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from tests.helpers.scenes import crop, scenes_of
from yolo_fer import boxes
from yolo_fer.convert.crops import AssignedCrop
from yolo_fer.convert.rules import BoxConvention
from yolo_fer.convert.scenes.composing import SceneTask
from yolo_fer.convert.scenes.layout import MIN_FACE
from yolo_fer.dataset.samples import Box, box_array


def members_of(task: SceneTask) -> list[str]:
    (flag,) = (flag for flag in task.sample.flags if flag.startswith("members:"))
    return flag.removeprefix("members:").split("+")


def test_every_crop_is_in_exactly_one_scene_with_its_label(scenes: list[SceneTask]) -> None:
    files = [file for task in scenes for file in task.sample.source_file.split("|")]
    assert sorted(files) == sorted(f"{i}.png" for i in range(120))
    for task in scenes:
        emotions = [face.emotion for face in task.sample.faces]
        assert emotions == [crop.emotion for crop in task.crops]
        assert members_of(task) == [f"g{crop.line}" for crop in task.crops]


def test_scenes_have_one_and_many_faces_of_many_sizes(scenes: list[SceneTask]) -> None:
    counts = {len(task.sample.faces) for task in scenes}
    assert min(counts) == 1
    assert max(counts) >= 7
    sides = box_array(face for task in scenes for face in task.sample.faces)
    sides = sides[:, 2] - sides[:, 0]
    assert sides.min() >= MIN_FACE - 1e-6
    assert np.quantile(sides, 0.9) > 2.5 * np.quantile(sides, 0.1)


def test_the_same_crops_and_seed_give_the_same_bytes(scenes: list[SceneTask]) -> None:
    again = scenes_of([crop(i) for i in range(120)])
    assert [task.sample for task in again] == [task.sample for task in scenes]
    assert scenes[0].jpeg() == again[0].jpeg()
    other = scenes_of([crop(i) for i in range(120)], seed=1)
    assert [task.sample for task in other] != [task.sample for task in scenes]


def test_the_manifest_shows_that_no_group_of_a_member_is_in_two_splits_or_blocks() -> None:
    splits = ("train", "val", "test")
    crops = [crop(i, f"person{i // 8}", splits[i // 8 % 3]) for i in range(240)]
    tasks = scenes_of(crops)
    where = defaultdict(set)
    for task in tasks:
        for member in members_of(task):
            where[member].add((task.sample.split, task.sample.group))
    assert len(where) == 30
    assert all(len(places) == 1 for places in where.values())
    split_of = {f"person{i}": splits[i % 3] for i in range(30)}
    assert all(split == split_of[m] for m, places in where.items() for split, _ in places)


def test_frames_of_a_person_are_spread_over_scenes_with_others() -> None:
    tasks = scenes_of([crop(i, f"person{i // 8}") for i in range(240)])
    several = [task for task in tasks if len(task.sample.faces) > 1]
    persons = [len(set(members_of(task))) for task in several]
    assert np.mean(np.array(persons) >= 3) > 0.8


def test_boxes_of_retinafaces_convention_are_narrower_than_high() -> None:
    crops = [crop(i) for i in range(10)]
    square, narrow = scenes_of(crops), scenes_of(crops, convention=BoxConvention.RETINAFACE)
    for a, b in zip(square, narrow, strict=True):
        tight = boxes.expw_to_retinaface(box_array(a.sample.faces))
        tight = boxes.clip(tight, a.sample.width, a.sample.height)
        assert np.allclose(tight, box_array(b.sample.faces))


def test_crops_with_much_around_the_face_get_as_many_scenes_as_they_need() -> None:
    wide = [crop(i, side=200) for i in range(60)]
    wide = [AssignedCrop(replace(c.crop, box=Box(60, 60, 140, 140)), c.assigned) for c in wide]
    tasks = scenes_of(wide, long_side=160)
    assert sum(len(task.sample.faces) for task in tasks) == 60
    assert len({task.sample.name for task in tasks}) == len(tasks)
    assert len({task.sample.group for task in tasks}) < len(tasks)


def test_votes_stand_in_the_order_of_the_faces() -> None:
    crops = [crop(i, "together") for i in range(3)]
    crops = [AssignedCrop(replace(c.crop, votes=f"{c.crop.line}/0"), c.assigned) for c in crops]
    for task in scenes_of(crops):
        assert task.sample.flags[-1] == "votes:" + "+".join(c.votes for c in task.crops)


def test_a_recipe_is_that_of_the_crops_their_places_and_the_seed(scenes: list[SceneTask]) -> None:
    assert scenes_of([crop(i) for i in range(120)])[0].recipe == scenes[0].recipe
    first, second = scenes[:2]
    others = [
        replace(first, sample=replace(first.sample, source_sha256="0" * 64)),
        replace(first, crops=tuple(crop(i, side=60).crop for i in range(len(first.crops)))),
        replace(first, layout=second.layout),
        replace(first, seed=first.seed + 1),
    ]
    assert first.recipe not in {other.recipe for other in others}
