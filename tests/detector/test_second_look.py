"""Large faces are looked at again on a smaller copy of the image."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.refused import refused
from tests.helpers.same_faces import assert_same_faces
from yolo_fer import Detector
from yolo_fer.boxes import iou
from yolo_fer.detector.network import SECOND_LOOK_KEY
from yolo_fer.detector.second_look import CloseUps, NamesOfLargeFaces, second_looks
from yolo_fer.results import FacePrediction, boxes_of
from yolo_fer.weights.store import resolve

HAPPY, SAD = (0, 0, 0, 0.9, 0, 0, 0), (0, 0, 0, 0, 0.6, 0, 0)
NAMES = NamesOfLargeFaces(above=200, best=100, largest=400)
CLOSE_UPS = CloseUps(best=100, largest=400)


def scores_of(faces: Sequence[FacePrediction]) -> list[tuple[float, ...]]:
    return [face.scores for face in faces]


def face(left: float, side: float, scores: tuple[float, ...] = HAPPY) -> FacePrediction:
    return FacePrediction((left, 0, left + side, side), scores)


@pytest.mark.parametrize(
    ("sides", "gain", "expected"),
    [
        ((), 1, None),
        ((200,), 1, None),
        ((250,), 1, 0.4),
        ((250,), 0.5, None),
        ((50, 800), 0.5, 0.25),
        ((250, 500), 1, 0.4),
        ((500,), 1, None),
    ],
)
def test_the_largest_face_has_the_best_size_on_the_copy(
    sides: tuple[float, ...], gain: float, expected: float | None
) -> None:
    faces = [face(1000 * number, side) for number, side in enumerate(sides)]
    scale = NAMES.scale(faces, gain, (2000, 3000))
    assert scale == (None if expected is None else pytest.approx(expected))


def test_large_faces_get_the_mean_scores_of_both_looks_and_keep_their_boxes() -> None:
    large, small, lost = first = [face(0, 400), face(1000, 100), face(2000, 300)]
    again = [face(10, 390, SAD), face(1000, 100, SAD)]
    *unchanged, changed = NAMES.merged(first, again, 1)  # its score is the least now
    assert unchanged == [small, lost]
    assert changed.box == large.box
    assert changed.scores == pytest.approx((0, 0, 0, 0.45, 0.3, 0, 0))


def test_a_face_that_is_hardly_seen_asks_for_no_look_and_changes_nothing() -> None:
    hardly = (0, 0, 0, 0.09, 0, 0, 0)
    assert NAMES.scale([face(0, 300), face(0, 380, hardly)], 1, (400, 400)) == pytest.approx(1 / 3)
    assert NAMES.merged([face(0, 300)], [face(0, 300, hardly)], 1) == (face(0, 300),)
    assert CLOSE_UPS.merged([face(0, 300)], [face(0, 600, hardly)], 1) == (face(0, 300),)
    assert CLOSE_UPS.merged([face(0, 300, hardly)], [face(0, 600)], 1) == (
        face(0, 600),
        face(0, 300, hardly),
    )


def test_a_file_says_which_looks_there_are() -> None:
    assert second_looks(200, 100, 400) == (CLOSE_UPS, NAMES)
    (alone,) = second_looks(200, 100)
    assert alone.scale([face(0, 5000)], 1, (5000, 5000)) == pytest.approx(0.02)


def test_only_an_image_with_room_for_a_face_beyond_all_boxes_is_searched_for_one() -> None:
    assert CLOSE_UPS.scale([face(0, 390)], 1, (100, 400)) is None
    assert CLOSE_UPS.scale([], 1, (401, 100)) == 0.25
    assert CLOSE_UPS.scale([], 0.5, (802, 802)) == 0.25


def test_a_face_beyond_all_boxes_takes_the_place_of_its_parts() -> None:
    cut, part, beside = face(30, 448, SAD), face(310, 330, SAD), face(2000, 90, SAD)
    whole = face(0, 640)
    assert CLOSE_UPS.merged([cut, part, beside], [whole], 1) == (whole, beside)
    assert CLOSE_UPS.merged([], [whole, face(900, 300)], 1) == (whole,)
    inside = face(100, 80, SAD)  # a small face in front of a large one is no part of it
    assert CLOSE_UPS.merged([inside], [whole], 1) == (whole, inside)


def test_a_sure_face_gives_way_to_no_doubtful_one() -> None:
    sure, doubtful = face(30, 448), face(0, 500, (0, 0, 0.2, 0, 0, 0, 0))
    assert CLOSE_UPS.merged([sure], [doubtful], 1) == (sure, doubtful)


def test_what_both_looks_see_is_no_part_of_another_face() -> None:
    beside, behind = face(10, 210), face(0, 600)
    again = [face(10, 220), behind]
    assert CLOSE_UPS.merged([beside], again, 1) == (beside, behind)
    alone, with_hair = face(130, 330), face(0, 600, SAD)
    assert CLOSE_UPS.merged([alone], [face(130, 335), with_hair], 1) == (alone,)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"above": 200},
        {"above": 100, "best": 200},
        {"above": "many", "best": 1},
        {"above": 200, "best": 0},
        {"above": 1e9, "best": 100},
        {"above": 200, "best": 100, "largest": 150},
        {"above": 200, "best": 100, "largest": None},
        {"above": 200, "best": 100, "largest": float("inf")},
        {"above": float("nan"), "best": 100},
        [200, 100],
        7,
        None,
    ],
)
def test_a_file_that_says_odd_things_of_it_is_refused(tmp_path: Path, said: Any) -> None:
    own = json.dumps({SECOND_LOOK_KEY: said})
    output = raw_output(((160, 160, 100, 100), {3: 0.9}))
    assert "damaged" in refused(
        write_constant(tmp_path / "x.onnx", output, metadata={"yolo_fer": own})
    )


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """A drawn face that fills the image."""
    image = cv2.imread("docs/people.jpg")
    assert image is not None
    (one, *_) = sorted(Detector()(image).faces, key=lambda found: found.box[0])
    left, top, right, bottom = (round(side) for side in one.box)
    return image[max(top, 0) : bottom, max(left, 0) : right]


def test_a_portrait_is_named_alike_at_every_size_of_the_input(portrait: np.ndarray) -> None:
    named = [Detector(imgsz=size)(portrait).faces[0] for size in (224, 256, 320, 384, 416)]
    assert len({one.emotion for one in named}) == 1
    spread = np.ptp([one.probabilities for one in named], axis=0).max()
    assert spread < 0.25


@pytest.mark.parametrize("size", [448, 512, 640, 960])
def test_a_portrait_is_found_whole_in_an_input_that_no_box_of_the_network_spans(
    portrait: np.ndarray, size: int
) -> None:
    (usual,), (large,) = (Detector(imgsz=side)(portrait).faces for side in (384, size))
    assert iou(boxes_of([usual]), boxes_of([large])).item() > 0.8
    assert large.emotion is usual.emotion


def test_both_looks_are_what_the_faces_are_made_of(portrait: np.ndarray) -> None:
    detector, once = Detector(imgsz=384), Detector(imgsz=384, second_look=False)
    ((both,), (first,)) = (one(portrait).faces for one in (detector, once))
    assert both.box == first.box
    side = np.sqrt((first.box[2] - first.box[0]) * (first.box[3] - first.box[1]))
    copy = 384 * 96 / (side * 384 / max(portrait.shape))
    (second,) = Detector(imgsz=int(copy))(portrait).faces
    expected = np.mean([first.scores, second.scores], axis=0)
    np.testing.assert_allclose(both.scores, expected, atol=1e-6)


@pytest.mark.parametrize("size", [384, 640])
def test_a_face_has_the_same_scores_at_every_threshold(portrait: np.ndarray, size: int) -> None:
    detector = Detector(imgsz=size)
    for shade in (1.0, 0.5, 0.2):
        for blur in (1, 15, 41):
            image = cv2.GaussianBlur((shade * portrait).astype(np.uint8), (blur, blur), 0)
            every = detector(image, conf=0.001).faces
            sure = np.array([one.score for one in every])
            for conf in (0.02, 0.1, 0.3, 0.6):
                found, expected = detector(image, conf=conf).faces, every[: sum(sure >= conf)]
                np.testing.assert_allclose(boxes_of(found), boxes_of(expected), rtol=1e-9)
                np.testing.assert_allclose(scores_of(found), scores_of(expected), rtol=1e-9)


def test_an_image_is_named_alone_as_in_a_batch(portrait: np.ndarray) -> None:
    people = cv2.imread("docs/people.jpg")
    images = [portrait, people, portrait[:, ::-1].copy(), np.zeros((64, 64, 3), np.uint8)]
    for weights in (resolve("yolo-fer-n.onnx"), resolve("yolo-fer-n_int8.onnx")):
        detector = Detector(weights)
        assert_same_faces(
            detector.predict(images, batch=4), [detector(image) for image in images], 0.3
        )
