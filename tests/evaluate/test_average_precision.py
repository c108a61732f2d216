"""Our weighted average precision against pycocotools and against hand-made rankings."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pycocotools")
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.evaluate.average_precision import Ranking, best_working_point, rank
from yolo_fer.evaluate.matching import Problem, match


def ranking(hits: str, positives: list[float], images: list[int] | None = None) -> Ranking:
    """`ranking("x.x", …)` has a hit, a false one and a hit, at scores 1, 0.9, 0.8 …"""
    return Ranking(
        1 - 0.1 * np.arange(len(hits)),
        np.array(images or [0] * len(hits), np.intp),
        np.array([hit == "x" for hit in hits], np.bool_),
        np.array(positives, np.float64),
    )


def random_problem(seed: int, images: int = 260, classes: int = 7) -> Problem:
    """Faces, ignored faces, good and bad boxes, equal scores, and images with more than 100."""
    rng = np.random.default_rng(seed)
    truth_image = np.sort(rng.integers(images, size=2 * images))
    corner = rng.integers(0, 80, (truth_image.size, 2))
    truth = np.concatenate([corner, corner + rng.integers(10, 40, corner.shape)], axis=1)
    truth_classes = rng.integers(-1, classes - 1, truth_image.size)  # none of the last class
    near = truth + rng.integers(-6, 7, truth.shape)
    near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
    far = rng.integers(0, 80, (5 * images, 2))
    boxes = np.concatenate(
        [near, np.concatenate([far, far + 20], axis=1), np.tile(truth[0], (130, 1))]
    )
    box_image = np.concatenate(
        [truth_image, rng.integers(images, size=5 * images), np.full(130, truth_image[0])]
    )
    order = np.argsort(box_image, kind="stable")
    scores = rng.integers(0, 40, (boxes.shape[0], classes)) / 80
    scores[np.arange(truth_image.size), truth_classes] += rng.integers(0, 40, truth_image.size) / 80
    return Problem(
        truth.astype(np.float64),
        truth_classes.astype(np.int8),
        truth_image,
        boxes[order].astype(np.float64),
        scores[order],
        box_image[order],
        images,
    )


def pycocotools_alone(problem: Problem) -> np.ndarray:
    """(T, 101, C) of one plain COCOeval run over all images, fed through loadRes."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    classes = problem.scores.shape[1]
    truth, results = [], []
    for box, image, label in zip(
        problem.truth_boxes, problem.truth_image, problem.truth_classes, strict=True
    ):
        for category in range(classes) if label == IGNORED else [label]:
            x1, y1, x2, y2 = box.tolist()
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": int(image),
                    "category_id": int(category) + 1,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": int(label == IGNORED),
                }
            )
    for box, image, scores in zip(problem.boxes, problem.box_image, problem.scores, strict=True):
        x1, y1, x2, y2 = box.tolist()
        results += [
            {
                "image_id": int(image),
                "category_id": category + 1,
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "score": float(score),
            }
            for category, score in enumerate(scores)
            if score > 0
        ]
    coco = COCO()
    coco.dataset = {
        "images": [{"id": i} for i in range(problem.images)],
        "categories": [{"id": c + 1} for c in range(classes)],
        "annotations": truth,
    }
    coco.createIndex()
    evaluation = COCOeval(coco, coco.loadRes(results), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"][:, :, :, 0, 2])  # all areas, 100 detections


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_figures_are_those_of_one_plain_run_of_pycocotools(
    seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = random_problem(seed)
    expected = pycocotools_alone(problem)
    capsys.readouterr()
    matches = match(problem)
    assert capsys.readouterr().out == ""
    np.testing.assert_allclose(matches.precision, expected, atol=1e-12)
    ones = np.ones(problem.images)
    ours = [ranking.average_precision(ones) for ranking in rank(problem, matches)]
    theirs = matches.average_precision(0)
    assert np.isnan(theirs[-1])  # the class without faces
    assert 0.05 < np.nanmean(theirs) < 0.95  # data that would show a difference
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_a_weight_is_as_good_as_copies_of_an_image() -> None:
    weighted = ranking("x.x.x", [1, 1, 2], images=[0, 1, 2, 2, 1]).average_precision(
        np.array([2.0, 1.0, 3.0])
    )
    copies = ranking("xx.xxx...x", [9]).average_precision(np.ones(1))
    assert weighted == pytest.approx(copies, abs=1e-12)


@pytest.mark.parametrize(
    ("hits", "faces", "expected"),
    [
        ("xx", 2, 1.0),
        (".x", 1, 0.5),
        ("x.", 2, 51 / 101),  # precision 1 at the recalls 0 to 0.50, then nothing
        ("x.x", 2, (51 + 50 * 2 / 3) / 101),
        ("..", 1, 0.0),
        ("", 1, 0.0),
    ],
)
def test_small_cases_computed_by_hand(hits: str, faces: int, expected: float) -> None:
    assert ranking(hits, [faces]).average_precision(np.ones(1)) == pytest.approx(expected)


def test_a_class_without_faces_has_no_average_precision() -> None:
    assert np.isnan(ranking("...", [0]).average_precision(np.ones(1)))
    other = ranking("x", [1, 0]).average_precision(np.array([0.0, 1.0]))
    assert np.isnan(other)  # its only face lies in an image that was not drawn


def test_precision_and_recall_count_scores_at_the_threshold() -> None:
    precision, recall = ranking("x.x", [4]).precision_recall_at(np.array([1.01, 1.0, 0.9, 0.1]))
    np.testing.assert_allclose(precision, [np.nan, 1, 1 / 2, 2 / 3])
    np.testing.assert_allclose(recall, [0, 1 / 4, 1 / 4, 2 / 4])


def test_the_working_point_is_common_to_all_classes() -> None:
    # Down to 0.8 both classes gain; below, the second only loses precision.
    point = best_working_point([ranking("x.x", [2]), ranking("xxx...", [3]), ranking(".", [0])])
    assert 0.7 < point.threshold <= 0.8
    np.testing.assert_allclose(point.precision, [2 / 3, 1, 0])
    np.testing.assert_allclose(point.recall, [1, 1, np.nan])
