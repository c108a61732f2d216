from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.helpers.drawn_crops import drawn_crop
from yolo_fer import boxes, images
from yolo_fer.convert.crops import TIGHT, AssignedCrop, Crop
from yolo_fer.convert.grouping import Candidate, SplitAssignment
from yolo_fer.convert.rules import BoxConvention
from yolo_fer.convert.scenes.composing import SceneTask, compose
from yolo_fer.convert.scenes.layout import MIN_FACE, extent
from yolo_fer.dataset.samples import Box, box_array
from yolo_fer.emotions import Emotion
from yolo_fer.faces.retinaface import RetinaFace


def crop(number: int, group: str = "", split: str = "train", side: int = 48) -> AssignedCrop:
    return AssignedCrop(
        Crop(
            line=number,
            source_file=f"{number}.png",
            candidate=Candidate(f"{number:064x}", "", 0),
            box=TIGHT.box(side, side),
            width=side,
            height=side,
            emotion=Emotion(number % 7),
            load=partial(drawn_crop, Emotion(number % 7), number, side),
        ),
        SplitAssignment(group or f"g{number}", split, False),
    )


def scenes_of(crops: list[AssignedCrop], seed: int = 0, **options: object) -> list[SceneTask]:
    settings = {"convention": BoxConvention.EXPW, **options}
    return compose("drawn", crops, seed=seed, **settings)  # type: ignore[arg-type]


def members_of(task: SceneTask) -> list[str]:
    (flag,) = (flag for flag in task.sample.flags if flag.startswith("members:"))
    return flag.removeprefix("members:").split("+")


@pytest.fixture(scope="module")
def scenes() -> list[SceneTask]:
    return scenes_of([crop(i) for i in range(120)])


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


def test_a_large_crop_is_not_enlarged_and_a_small_one_at_most_four_times() -> None:
    tasks = scenes_of([crop(i, side=12) for i in range(20)])
    sides = box_array(face for task in tasks for face in task.sample.faces)
    assert (sides[:, 2] - sides[:, 0]).max() <= 4 * 12 * 1.03 + 1e-6


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
