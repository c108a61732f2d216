"""Which detection found which face, as pycocotools matches them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pycocotools")

from yolo_fer.dataset.labels import IGNORED
from yolo_fer.evaluate.matching import MAX_DETECTIONS, Matches, Outcome, Problem, match

Box = tuple[float, float, float, float]
FACE: Box = (10, 10, 50, 50)
OTHER: Box = (100, 10, 140, 50)
NOWHERE: Box = (200, 200, 240, 240)
FALSE, TRUE, NOT_COUNTED = (int(outcome) for outcome in Outcome)


def problem(
    truth: list[tuple[int, Box, int]], detections: list[tuple[int, Box, list[float]]]
) -> Problem:
    """Faces are image, box and class; detections image, box and the scores of two classes."""
    return Problem(
        np.array([box for _, box, _ in truth], float).reshape(-1, 4),
        np.array([label for _, _, label in truth], np.int8),
        np.array([image for image, _, _ in truth], np.intp),
        np.array([box for _, box, _ in detections], float).reshape(-1, 4),
        np.array([scores for _, _, scores in detections], float).reshape(-1, 2),
        np.array([image for image, _, _ in detections], np.intp),
        1 + max([0, *(image for image, *_ in truth), *(image for image, *_ in detections)]),
    )


def found(matches: Matches) -> list[int]:
    return [int(box) for box in matches.found_by]


def test_a_face_is_found_by_the_box_with_the_best_score_of_its_class() -> None:
    matches = match(
        problem(
            [(0, FACE, 0), (0, OTHER, 1)],
            [(0, FACE, [0.6, 0.9]), (0, FACE, [0.8, 0]), (0, NOWHERE, [0.9, 0])],
        )
    )
    assert found(matches) == [1, -1]
    assert matches.outcome.tolist() == [[FALSE, FALSE], [TRUE, NOT_COUNTED], [FALSE, NOT_COUNTED]]


def test_a_detection_on_a_face_to_be_ignored_is_neither_right_nor_wrong() -> None:
    matches = match(
        problem([(0, FACE, 0), (0, OTHER, IGNORED)], [(0, FACE, [0.9, 0]), (0, OTHER, [0.9, 0.9])])
    )
    assert found(matches) == [0, -1]
    assert matches.outcome.tolist() == [[TRUE, NOT_COUNTED], [NOT_COUNTED, NOT_COUNTED]]


def test_a_box_of_one_image_finds_no_face_of_another() -> None:
    matches = match(problem([(1, FACE, 0)], [(0, FACE, [0.9, 0]), (1, OTHER, [0.9, 0])]))
    assert found(matches) == [-1]
    assert matches.outcome[:, 0].tolist() == [FALSE, FALSE]


def test_images_that_are_looked_at_a_few_hundred_at_a_time_count_as_one_set() -> None:
    number = 450  # more than two pieces
    truth = [(image, FACE, image % 2) for image in range(number)]
    scores = [[0.9, 0.0] if image % 2 == 0 else [0.0, 0.8] for image in range(number)]
    detections = [(image, FACE, scores[image]) for image in range(number)]
    matches = match(problem(truth, detections))
    assert found(matches) == list(range(number))
    assert matches.average_precision() == pytest.approx([1, 1])


def test_of_a_class_at_most_a_hundred_detections_of_an_image_count() -> None:
    boxes: list[tuple[int, Box, list[float]]] = [
        (0, (float(x), 0, x + 9.0, 9), [0.9 - x / 1e4, 0]) for x in range(0, 1500, 10)
    ]
    matches = match(problem([(0, FACE, 0)], boxes))
    assert (matches.outcome[:, 0] == NOT_COUNTED).sum() == len(boxes) - MAX_DETECTIONS


def test_a_class_without_faces_has_no_average_precision() -> None:
    averages = match(problem([(0, FACE, 0)], [(0, FACE, [0.9, 0.3])])).average_precision()
    assert averages[0] == pytest.approx(1)
    assert np.isnan(averages[1])


def test_nothing_at_all_is_no_error() -> None:
    matches = match(problem([], []))
    assert matches.outcome.shape == (0, 2)
    assert np.isnan(matches.average_precision()).all()
    assert found(match(problem([(0, FACE, 0)], []))) == [-1]


def test_a_stricter_overlap_finds_fewer() -> None:
    near = (14, 10, 54, 50)  # IoU 36/44
    matches = match(problem([(0, FACE, 0)], [(0, near, [0.9, 0])]))
    assert matches.average_precision(0)[0] == pytest.approx(1)
    assert matches.average_precision(9)[0] == pytest.approx(0)
    assert matches.average_precision()[0] == pytest.approx(0.7)
