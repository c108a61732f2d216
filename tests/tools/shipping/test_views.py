from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.drawn_pictures import crop, photograph
from tools.shipping.pictures import Picture
from tools.shipping.views import Mixture, View, ViewMaker
from yolo_fer.emotions import Emotion

PHOTOGRAPHS = [photograph(emotion, seed) for seed, emotion in enumerate(Emotion)]
CROPS = [crop(emotion, seed) for seed, emotion in enumerate(Emotion)]


def same(a: View, b: View) -> bool:
    return bool((a.pixels == b.pixels).all()) and np.array_equal(a.boxes, b.boxes)


def maker(seed: int = 0, **mixture: float) -> ViewMaker:
    return ViewMaker(PHOTOGRAPHS, CROPS, Mixture(**mixture), seed)  # type: ignore[arg-type]


def test_the_same_seed_composes_the_same_views() -> None:
    first, second, other = maker(1), maker(1), maker(2)
    views = [first.view() for _ in range(5)]
    assert all(same(view, second.view()) for view in views)
    assert not all(same(view, other.view()) for view in views)


def test_a_maker_that_is_set_back_goes_on_as_it_did() -> None:
    views = maker()
    views.view()
    state = views.state
    later = [views.view() for _ in range(3)]
    fresh = maker(seed=9)
    fresh.state = state
    assert all(same(view, fresh.view()) for view in later)


@pytest.mark.parametrize("mixture", [{"photographs": 1.0}, {"photographs": 0.0}])
def test_every_box_lies_in_the_view_and_shows_something(mixture: dict[str, float]) -> None:
    views = maker(**mixture)
    for _ in range(20):
        view = views.view()
        assert view.pixels.shape == (320, 320)
        assert len(view.boxes) == len(view.targets) == len(view.exact)
        for x1, y1, x2, y2 in view.boxes.round().astype(int):
            assert 0 <= x1 < x2 <= 320
            assert 0 <= y1 < y2 <= 320
            assert view.pixels[y1:y2, x1:x2].std() > 0


def test_every_tile_has_its_face_and_crops_teach_no_box() -> None:
    views = maker(photographs=0.0, crops=1.0)
    counts = set()
    for _ in range(20):
        view = views.view()
        counts.add(len(view.boxes))
        assert not view.exact.any()
    assert counts <= {1, 4, 9, 16, 25}
    assert len(counts) > 2


def test_the_label_of_a_face_stays_with_it() -> None:
    bright = np.full((48, 48), 250, np.uint8)
    dark = np.full((48, 48), 5, np.uint8)
    crops = [
        Picture("bright", bright, CROPS[3].boxes, CROPS[3].targets, exact=False),
        Picture("dark", dark, CROPS[4].boxes, CROPS[4].targets, exact=False),
    ]
    views = ViewMaker(PHOTOGRAPHS, crops, Mixture(photographs=0.0, crops=1.0), seed=0)
    agreed = []
    for _ in range(10):
        view = views.view()
        for (x1, y1, x2, y2), target in zip(view.boxes, view.targets, strict=True):
            middle = np.median(view.pixels[int(y1) : int(y2) + 1, int(x1) : int(x2) + 1])
            agreed.append((middle > 128) == (target.argmax() == Emotion.HAPPINESS))
    assert np.mean(agreed) > 0.95  # noise and rectangles hide a few


def test_faces_of_which_nobody_knows_are_boxed_without_a_label() -> None:
    views = ViewMaker([photograph(None)], CROPS, Mixture(photographs=1.0), seed=0)
    seen = [view for view in (views.view() for _ in range(10)) if len(view.boxes)]
    assert seen
    assert all(np.isnan(view.targets).all() and view.exact.all() for view in seen)


def test_rare_emotions_are_shown_more_often_than_they_are_frequent() -> None:
    crops = [crop(Emotion.HAPPINESS)] * 99 + [crop(Emotion.DISGUST)]
    views = ViewMaker(PHOTOGRAPHS, crops, Mixture(photographs=0.0, crops=1.0), seed=0)
    targets = np.concatenate([views.view().targets for _ in range(40)])
    assert (targets.argmax(axis=1) == Emotion.DISGUST).mean() > 0.05
