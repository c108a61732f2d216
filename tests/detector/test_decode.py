from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.graphs import end_to_end_output, raw_output
from yolo_fer.boxes import iou
from yolo_fer.detector.decode import Detections, Layout, decode, recognise_layout
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError

ALL = {int(emotion): emotion for emotion in Emotion}
FACE = (100, 100, 200, 200)
SHIFTED = (105, 103, 205, 203)
ELSEWHERE = (300, 20, 360, 90)


def read(
    output: np.ndarray, classes: dict[int, Emotion] = ALL, *, conf: float = 0.25, **options: float
) -> Detections:
    layout = recognise_layout(output.shape, output.shape[1] - 4)
    settings = {"iou": 0.5, "max_faces": 300} | options
    return decode(output, layout, classes, conf=conf, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((1, 11, 2100), Layout.RAW),
        ((1, 11, 1), Layout.RAW),
        ((1, 300, 6), Layout.END_TO_END),
        ((1, 1, 6), Layout.END_TO_END),
    ],
)
def test_the_layout_is_told_by_the_shape(shape: tuple[int, ...], layout: Layout) -> None:
    assert recognise_layout(shape, 7) is layout


@pytest.mark.parametrize(
    "shape",
    [
        (1, 1000),  # a classifier
        (1, 2100, 12),  # YOLOv5, with an objectness
        (1, 84, 2100),  # the class names do not fit the graph
        (2, 11, 2100),
        (300, 6),
    ],
)
def test_any_other_layout_is_an_error_that_names_the_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(YoloFerError) as error:
        recognise_layout(shape, 7)
    assert str(shape) in str(error.value)


def test_a_face_keeps_its_box_and_all_seven_scores() -> None:
    scores = {0: 0.1, 1: 0.2, 2: 0.05, 3: 0.9, 4: 0.01, 5: 0.3, 6: 0.4}
    found = read(raw_output((FACE, scores)))
    np.testing.assert_allclose(found.boxes, [FACE])
    np.testing.assert_allclose(found.scores[0], list(scores.values()), rtol=1e-6)


def test_one_face_has_one_box_though_two_emotions_claim_it() -> None:
    found = read(raw_output((SHIFTED, {0: 0.6}), (FACE, {3: 0.9}), (ELSEWHERE, {6: 0.5})))
    assert len(found.boxes) == 2
    np.testing.assert_allclose(found.boxes[1], ELSEWHERE)


def test_a_face_is_the_weighted_mean_of_all_views_of_it() -> None:
    aside = (160, 100, 260, 200)  # of another face
    found = read(raw_output((FACE, {3: 0.9}), (SHIFTED, {3: 0.6, 0: 0.3}), (aside, {4: 0.7})))
    shifted = 1 - 0.4 * 0.7  # its score as a face, which is its weight
    total = 0.9 + shifted
    np.testing.assert_allclose(
        found.boxes[0], (0.9 * np.array(FACE) + shifted * np.array(SHIFTED)) / total
    )
    mean = [0.3 * shifted / total, 0, 0, (0.9 * 0.9 + 0.6 * shifted) / total, 0, 0, 0]
    np.testing.assert_allclose(found.scores[0], mean, rtol=1e-6)
    np.testing.assert_allclose(found.boxes[1], aside)


def test_the_threshold_changes_no_face() -> None:
    output = raw_output((FACE, {3: 0.9}), (SHIFTED, {0: 0.3}))
    low, high = read(output, conf=0.05), read(output, conf=0.5)
    np.testing.assert_array_equal(low.boxes, high.boxes)
    np.testing.assert_array_equal(low.scores, high.scores)


def test_a_face_that_only_one_view_believes_in_can_fall_below_the_threshold() -> None:
    output = raw_output((FACE, {3: 0.5}), (SHIFTED, {3: 0.3}))
    assert len(read(output, conf=0.42).boxes) == 1
    assert len(read(output, conf=0.43).boxes) == 0, "the weighted mean is 0.425"


def test_two_faces_that_overlap_less_stay_two() -> None:
    assert len(read(raw_output((FACE, {3: 0.9}), (SHIFTED, {0: 0.6})), iou=0.95).boxes) == 2


def test_a_clear_face_of_an_ambiguous_expression_wins_over_a_worse_box_of_one() -> None:
    ambiguous = dict.fromkeys(range(7), 0.3)  # a face with a score of 0.92
    found = read(raw_output((FACE, ambiguous), (SHIFTED, {3: 0.5})), iou=0.8)
    assert len(found.boxes) == 1
    assert np.abs(found.boxes[0] - FACE).max() < np.abs(found.boxes[0] - SHIFTED).max()


def test_faces_are_in_the_order_of_their_own_scores() -> None:
    found = read(raw_output((FACE, {3: 0.5}), (ELSEWHERE, {0: 0.4, 1: 0.4})))
    np.testing.assert_allclose(found.boxes, [ELSEWHERE, FACE])


def test_the_threshold_is_on_the_score_of_the_face() -> None:
    output = raw_output((FACE, dict.fromkeys(range(7), 0.2)))  # 1 - 0.8 ** 7 = 0.79
    assert len(read(output, conf=0.79).boxes) == 1
    assert len(read(output, conf=0.8).boxes) == 0


@pytest.mark.filterwarnings("error")
def test_scores_of_0_and_1_are_like_any_other() -> None:
    certain = dict.fromkeys(range(7), 1.0)
    output = raw_output((FACE, certain), (SHIFTED, certain), (ELSEWHERE, {}))
    found = read(output, conf=0.0)
    assert found.scores.tolist() == [[1.0] * 7], "what scores nothing is no face at any threshold"
    assert len(read(output, conf=1.0).boxes) == 1
    assert len(read(end_to_end_output((*FACE, 1.0, 3)), conf=0.0).boxes) == 1


def test_scores_of_a_quantised_graph_that_pass_0_and_1_are_cut_off() -> None:
    found = read(raw_output((FACE, {3: 1.004, 4: -0.004})))
    assert found.scores.tolist() == [[0, 0, 0, 1, 0, 0, 0]]
    assert read(end_to_end_output((*FACE, 1.004, 3))).scores.max() == 1


def test_the_threshold_is_inclusive() -> None:
    output = raw_output((FACE, {3: 0.5}), (ELSEWHERE, {4: 0.49}))
    assert len(read(output, conf=0.5).boxes) == 1
    assert len(read(output, conf=0.51).boxes) == 0


def test_only_the_best_faces_are_kept() -> None:
    output = raw_output((FACE, {3: 0.5}), (ELSEWHERE, {4: 0.9}))
    np.testing.assert_allclose(read(output, max_faces=1).boxes, [ELSEWHERE])


def test_no_two_faces_overlap_more_than_they_may_also_after_the_votes() -> None:
    # The two best overlap by less than half; those that vote for them draw them together.
    left, right = (0, 0, 100, 100), (36, 0, 136, 100)
    near_left, near_right = (14, 0, 114, 100), (22, 0, 122, 100)
    output = raw_output(
        (left, {3: 0.9}), (near_left, {3: 0.89}), (right, {3: 0.8}), (near_right, {3: 0.79})
    )
    found = read(output, iou=0.5)
    overlaps = iou(found.boxes, found.boxes)
    assert (overlaps[~np.eye(len(found.boxes), dtype=bool)] <= 0.5).all()


def test_the_best_face_beyond_the_limit_is_told() -> None:
    output = raw_output((FACE, {3: 0.5}), (ELSEWHERE, {4: 0.9}))
    assert read(output, max_faces=1).best_left_out == pytest.approx(0.5)
    assert read(output, max_faces=2).best_left_out == 0


def test_classes_are_mapped_and_a_foreign_one_is_no_face() -> None:
    classes = {0: Emotion.HAPPINESS, 2: Emotion.ANGER}
    output = raw_output((FACE, {0: 0.4, 1: 0.95, 2: 0.3}), (ELSEWHERE, {1: 0.9}), classes=3)
    found = read(output, classes)
    np.testing.assert_allclose(found.boxes, [FACE])
    expected = np.zeros(7)
    expected[Emotion.HAPPINESS], expected[Emotion.ANGER] = 0.4, 0.3
    np.testing.assert_allclose(found.scores[0], expected, rtol=1e-6)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 3, 4, 7])
def test_a_value_that_is_no_number_is_no_face(broken: float, row: int) -> None:
    output = raw_output((FACE, {3: 0.9}), (ELSEWHERE, {4: 0.5}))
    output[0, row, 0] = broken
    np.testing.assert_allclose(read(output).boxes, [ELSEWHERE])


def test_no_candidate_gives_no_face() -> None:
    found = read(raw_output((FACE, {3: 0.1})))
    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == (0, 7)


def test_an_end_to_end_graph_gives_one_score_and_zeros() -> None:
    found = read(end_to_end_output((*FACE, 0.8, 5)))
    np.testing.assert_allclose(found.boxes, [FACE])
    np.testing.assert_allclose(found.scores, [[0, 0, 0, 0, 0, 0.8, 0]][:1], rtol=1e-6)


def test_in_an_end_to_end_graph_the_boxes_of_one_face_are_merged() -> None:
    found = read(
        end_to_end_output(
            (*FACE, 0.8, 3), (*SHIFTED, 0.3, 0), (*FACE, 0.26, 0), (*ELSEWHERE, 0.7, 6)
        )
    )
    np.testing.assert_allclose(found.boxes, [FACE, ELSEWHERE])
    np.testing.assert_allclose(
        found.scores, [[0.3, 0, 0, 0.8, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0.7]], rtol=1e-6
    )


def test_the_score_of_a_face_in_an_end_to_end_graph_is_that_of_its_only_class() -> None:
    output = end_to_end_output((*FACE, 0.8, 3), (*ELSEWHERE, 0.5, 6))
    assert len(read(output, conf=0.5).boxes) == 2
    assert len(read(output, conf=0.51).boxes) == 1


def test_the_threshold_changes_no_face_of_an_end_to_end_graph() -> None:
    output = end_to_end_output((*FACE, 0.6, 3), (*SHIFTED, 0.3, 0), (*ELSEWHERE, 0.02, 0))
    low, high = read(output, conf=0.1), read(output, conf=0.7)
    np.testing.assert_array_equal(low.boxes, [FACE])
    np.testing.assert_array_equal(high.boxes, low.boxes)  # 1 - 0.4 * 0.7 = 0.72
    np.testing.assert_array_equal(high.scores, low.scores)


def test_a_merged_box_goes_to_the_face_that_suppressed_it() -> None:
    left, right, between = (0, 0, 100, 100), (40, 0, 140, 100), (22, 0, 122, 100)
    found = read(end_to_end_output((*left, 0.9, 3), (*right, 0.5, 4), (*between, 0.8, 0)))
    np.testing.assert_allclose(found.boxes, [left, right])
    assert found.scores[1, Emotion.ANGER] == 0
    np.testing.assert_allclose(found.scores[0, Emotion.ANGER], 0.8, rtol=1e-6)


@pytest.mark.parametrize("column", [0, 4, 5])
def test_a_broken_row_of_an_end_to_end_graph_is_no_face(column: int) -> None:
    output = end_to_end_output((*FACE, 0.8, 3), (*ELSEWHERE, 0.7, 6))
    output[0, 0, column] = np.nan
    np.testing.assert_allclose(read(output).boxes, [ELSEWHERE])
