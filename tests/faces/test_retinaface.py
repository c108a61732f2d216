from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.helpers.pictures import ZIDANE_FACES, photograph
from tests.helpers.research_data import research_data
from yolo_fer.boxes import iou, match, retinaface_to_expw
from yolo_fer.errors import UsageError
from yolo_fer.faces import FINDERS, load_finder
from yolo_fer.faces.retinaface import RetinaFace, decode, make_anchors
from yolo_fer.images import read

pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def finder() -> RetinaFace:
    return RetinaFace(threads=1)


def test_it_finds_the_faces_of_a_photograph_where_they_are(finder: RetinaFace) -> None:
    (found,) = finder.find([photograph("zidane.jpg")])

    overlaps = iou(found.boxes, np.array(ZIDANE_FACES, dtype=float))
    assert len(found.boxes) == 2
    assert overlaps.max(axis=0).min() > 0.8
    assert (found.scores > 0.9).all()
    assert (np.diff(found.scores) <= 0).all()


def test_landmarks_lie_in_their_face_the_left_ones_first(finder: RetinaFace) -> None:
    picture = photograph("zidane.jpg")
    (found,) = finder.find([picture])
    (small,) = finder.find([picture[::2, ::2]])

    for box, points in zip(found.boxes, found.landmarks, strict=True):
        left_eye, right_eye, nose, left_mouth, right_mouth = (points - box[:2]) / np.ptp(
            box.reshape(2, 2), axis=0
        )
        assert ((points > box[:2]) & (points < box[2:])).all()
        assert left_eye[0] < right_eye[0]
        assert left_mouth[0] < right_mouth[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
    assert np.abs(2 * small.landmarks - found.landmarks).max() < 6


def test_boxes_are_not_rounded(finder: RetinaFace) -> None:
    (found,) = finder.find([photograph("zidane.jpg")])

    assert found.boxes.dtype == np.float64
    assert not np.array_equal(found.boxes, found.boxes.round())


def test_a_picture_moved_by_a_whole_cell_has_its_faces_moved_by_as_much(finder: RetinaFace) -> None:
    picture = photograph("zidane.jpg")[:416, 400:1040]
    moved = np.zeros((480, 672, 3), np.uint8)
    moved[64:, 32:] = picture
    large = RetinaFace(threads=1, long_side=672)

    (before,), (after,) = large.find([picture]), large.find([moved])

    assert len(before.boxes) == 2
    assert np.abs(after.boxes - before.boxes - [32, 64, 32, 64]).max() < 4


@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_a_picture_has_the_same_faces_alone_and_among_others(
    finder: RetinaFace, batch_size: int
) -> None:
    picture = photograph("zidane.jpg")
    (alone,) = finder.find([picture])
    blank = np.zeros_like(picture)

    found = RetinaFace(threads=1, batch_size=batch_size).find([blank] * 9 + [picture])

    assert [len(f.boxes) for f in found[:-1]] == [0] * 9
    assert np.array_equal(found[-1].boxes, alone.boxes)
    assert np.array_equal(found[-1].scores, alone.scores)


def test_pictures_of_different_sizes_come_back_in_their_order(finder: RetinaFace) -> None:
    men, bus = photograph("zidane.jpg"), photograph("bus.jpg")
    blank = np.full((50, 70, 3), 128, np.uint8)

    found = finder.find([bus, blank, men, bus])

    (only_men,), (only_bus,) = finder.find([men]), finder.find([bus])
    assert np.array_equal(found[0].boxes, only_bus.boxes)
    assert len(found[1].boxes) == 0
    assert np.array_equal(found[2].boxes, only_men.boxes)
    assert np.array_equal(found[3].boxes, only_bus.boxes)


def test_no_pictures_give_no_results(finder: RetinaFace) -> None:
    assert finder.find([]) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 2), (33, 31), (640, 641)])
def test_a_blank_picture_of_any_shape_has_no_faces(
    finder: RetinaFace, shape: tuple[int, int]
) -> None:
    (found,) = finder.find([np.full((*shape, 3), 90, np.uint8)])

    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == (0,)


def test_a_higher_threshold_keeps_the_better_faces_only() -> None:
    bus = photograph("bus.jpg")
    (many,) = RetinaFace(threads=1, threshold=0.05).find([bus])
    (few,) = RetinaFace(threads=1, threshold=0.9).find([bus])

    assert len(many.boxes) > len(few.boxes) > 0
    assert np.array_equal(few.boxes, many.boxes[many.scores >= 0.9])


def test_a_face_that_is_just_an_anchor_is_decoded_to_that_anchor() -> None:
    anchors = make_anchors(64, 96)
    scores = np.zeros(len(anchors))
    scores[100] = 0.9

    points = np.zeros((len(anchors), 10))
    points[100, 2] = 5  # x of the right eye

    boxes, kept, landmarks = decode(np.zeros((len(anchors), 4)), points, scores, anchors, 0.5)

    x, y, w, h = anchors[100]
    assert boxes.tolist() == [[x - w / 2, y - h / 2, x + w / 2, y + h / 2]]
    assert kept.tolist() == [0.9]
    assert landmarks.tolist() == [[[x, y], [x + w / 2, y], [x, y], [x, y], [x, y]]]


def test_anchors_follow_the_order_of_the_network() -> None:
    anchors = make_anchors(64, 96)

    assert len(anchors) == 2 * (8 * 12 + 4 * 6 + 2 * 3)
    assert anchors[:4].tolist() == [
        [4, 4, 16, 16],
        [4, 4, 32, 32],
        [12, 4, 16, 16],
        [12, 4, 32, 32],
    ]
    assert anchors[-1].tolist() == [80, 48, 512, 512]


def test_the_weights_hash_is_reported(finder: RetinaFace) -> None:
    assert finder.weights_sha256.startswith("b7a7acab")


@pytest.mark.parametrize(
    "options",
    [{"threshold": 0}, {"threshold": 1.5}, {"long_side": 8}, {"threads": 0}, {"batch_size": 0}],
)
def test_an_option_out_of_its_range_is_wrong_usage(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        RetinaFace(**options)


def test_finders_are_loaded_by_name() -> None:
    finder = load_finder("retinaface", threads=1, threshold=0.7)

    assert finder.name in FINDERS


def test_an_unknown_finder_is_wrong_usage_and_the_known_are_listed() -> None:
    with pytest.raises(UsageError, match="retinaface"):
        load_finder("viola")


def test_nine_of_ten_labelled_faces_of_expw_are_found(finder: RetinaFace) -> None:
    expw = research_data("expw")
    rows: dict[str, list[list[float]]] = {}
    for line in (expw / "label" / "label.lst").read_text().splitlines():
        name, _, top, left, right, bottom, *_ = line.split()
        rows.setdefault(name, []).append([float(v) for v in (left, top, right, bottom)])
    names = sorted(rows)[::40]

    found = finder.find([read(expw / "image" / "origin" / name) for name in names])

    hits = sum(
        len(match(np.array(rows[name]), retinaface_to_expw(faces.boxes), 0.5))
        for name, faces in zip(names, found, strict=True)
    )
    assert hits / sum(len(rows[name]) for name in names) > 0.87
