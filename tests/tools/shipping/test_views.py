from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch

from tests.helpers.drawn_pictures import crop, photograph
from tools.shipping.pictures import Picture
from tools.shipping.sampling import SOURCES
from tools.shipping.views import Mixture, Stage, View, ViewBatches, ViewMaker
from yolo_fer.emotions import Emotion

PHOTOGRAPHS = [photograph(emotion, seed) for seed, emotion in enumerate(Emotion)]
CROPS = [crop(emotion, seed) for seed, emotion in enumerate(Emotion)]
SIZE = 320


def views(
    count: int, photographs: float, pictures: dict[str, list[Picture]], **more: Any
) -> list[View]:
    maker = ViewMaker(pictures, Mixture(photographs=photographs, **more))
    rng, noise = random.Random(0), np.random.default_rng(0)
    return [maker.view(SIZE, rng, noise) for _ in range(count)]


@pytest.mark.parametrize("photographs", [1.0, 0.0])
def test_every_box_lies_in_the_view_and_shows_something(photographs: float) -> None:
    for view in views(20, photographs, {"expw": PHOTOGRAPHS, "rafdb": CROPS}):
        assert view.pixels.shape == (SIZE, SIZE)
        assert len(view.boxes) == len(view.targets) == len(view.exact) == len(view.sources)
        for x1, y1, x2, y2 in view.boxes.round().astype(int):
            assert 0 <= x1 < x2 <= SIZE
            assert 0 <= y1 < y2 <= SIZE
            assert view.pixels[y1:y2, x1:x2].std() > 0


def test_faces_are_shown_from_tiny_to_larger_than_the_image() -> None:
    shown = views(150, 0.3, {"expw": PHOTOGRAPHS, "rafdb": CROPS})
    sides = np.concatenate([view.boxes[:, 2] - view.boxes[:, 0] for view in shown])
    for least, most in ((7, 24), (24, 48), (48, 96), (96, 192), (192, 321)):
        assert ((sides >= least) & (sides < most)).sum() > 10, f"{least} to {most} pixels"


def test_nothing_is_taught_of_faces_that_are_too_small() -> None:
    shown = views(60, 1.0, {"expw": PHOTOGRAPHS, "rafdb": CROPS}, least=48)
    found = np.concatenate([view.boxes for view in shown])
    assert (found[:, 2:] - found[:, :2]).min() >= 48
    ignored = np.concatenate([view.ignored for view in shown])
    assert ((ignored[:, 2:] - ignored[:, :2]) < 48).any()


def test_tiles_come_in_the_grids_that_were_asked_for() -> None:
    for view in views(5, 0.0, {"expw": PHOTOGRAPHS, "rafdb": CROPS}, grids={3: 1.0}):
        assert len(view.boxes) == 9


def test_a_mosaic_shows_the_faces_of_four_photographs() -> None:
    shown = views(20, 1.0, {"expw": PHOTOGRAPHS, "rafdb": CROPS}, mosaics=1.0)
    quarters = {
        (int(x > SIZE / 2), int(y > SIZE / 2))
        for view in shown
        for x, y in (view.boxes[:, :2] + view.boxes[:, 2:]) / 2
    }
    assert quarters == {(0, 0), (0, 1), (1, 0), (1, 1)}
    sides = np.concatenate([view.boxes[:, 2:] - view.boxes[:, :2] for view in shown])
    assert sides.max() <= SIZE / 2


def test_a_background_shows_no_face_that_is_known_or_unsure() -> None:
    face = photograph(Emotion.HAPPINESS)
    shown = views(20, 1.0, {"expw": [face], "rafdb": CROPS}, empty=1.0)
    assert sum(not len(view.boxes) and not len(view.ignored) for view in shown) > 15
    full = np.array([[0, 0, *face.pixels.shape[::-1]]], np.float32)
    crowded = Picture(face.name, face.pixels, full, face.targets)
    (view,) = views(1, 1.0, {"expw": [crowded], "rafdb": CROPS}, empty=1.0)
    assert len(view.boxes) or len(view.ignored), "a photograph without room for it is shown"


def test_crops_teach_no_box_and_keep_their_source() -> None:
    maker = {"expw": [photograph(None)], "rafdb": CROPS}  # nothing to name in the photograph
    for view in views(10, 0.0, maker):
        assert not view.exact.any()
        assert set(view.sources) <= {SOURCES.index("rafdb")}


def test_the_label_of_a_face_stays_with_it() -> None:
    bright = np.full((48, 48), 250, np.uint8)
    dark = np.full((48, 48), 5, np.uint8)
    crops = [
        Picture("bright", bright, CROPS[3].boxes, CROPS[3].targets, exact=False),
        Picture("dark", dark, CROPS[4].boxes, CROPS[4].targets, exact=False),
    ]
    agreed = []
    for view in views(10, 0.0, {"expw": [photograph(None)], "rafdb": crops}):
        for (x1, y1, x2, y2), target in zip(view.boxes, view.targets, strict=True):
            middle = np.median(view.pixels[int(y1) : int(y2) + 1, int(x1) : int(x2) + 1])
            agreed.append((middle > 128) == (target.argmax() == Emotion.HAPPINESS))
    assert np.mean(agreed) > 0.9  # noise, shadows and rectangles hide some


def test_faces_of_which_nobody_knows_are_boxed_without_a_label() -> None:
    seen = views(10, 1.0, {"expw": [photograph(None)], "rafdb": CROPS})
    boxed = [view for view in seen if len(view.boxes)]
    assert boxed
    assert all(np.isnan(view.targets).all() and view.exact.all() for view in boxed)


def test_where_a_face_is_unsure_nothing_is_taught() -> None:
    face = photograph(None)
    unsure = Picture(face.name, face.pixels, face.boxes[:0], face.targets[:0], True, face.boxes)
    seen = views(10, 1.0, {"expw": [unsure], "rafdb": CROPS})
    assert all(not len(view.boxes) for view in seen)
    assert any(len(view.ignored) for view in seen)


def test_a_batch_depends_on_its_number_alone() -> None:
    pictures = {"expw": PHOTOGRAPHS, "rafdb": CROPS}
    small, large = (Mixture(pixels=4 * 224 * 224, sizes=sizes) for sizes in ((224, 256), (384,)))
    stages = (Stage(0.5, small), Stage(1.0, large))
    first, again = (ViewBatches(pictures, stages, 100, seed=1) for _ in range(2))
    other = ViewBatches(pictures, stages, 100, seed=2)
    for step in (3, 70):
        pixels, truth = first[step]
        assert torch.equal(pixels, again[step][0])
        assert torch.equal(truth.boxes, again[step][1].boxes)
        assert not torch.equal(pixels[:, :, :224, :224], other[step][0][:, :, :224, :224])
    early, late = ({first[s][0].shape[-1] for s in steps} for steps in (range(20), range(60, 80)))
    assert early == {224, 256}
    assert late == {384}


def test_without_a_photograph_there_is_nothing_to_find_faces_in() -> None:
    with pytest.raises(ValueError, match="no photograph"):
        ViewMaker({"expw": [], "rafdb": CROPS}, Mixture())
