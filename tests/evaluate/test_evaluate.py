"""The whole evaluation of predictors whose every answer is known."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pycocotools")
from tests.helpers.evaluated import ALL_SEVEN, QUICK
from tests.helpers.tiny_set import (
    LEFT,
    RIGHT,
    SPLIT,
    XYXY,
    Canned,
    TinyImage,
    face,
    write_set,
)
from yolo_fer.dataset.coco import for_pycocotools
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.evaluate.evaluate import evaluate
from yolo_fer.evaluate.metrics import ClassMetrics, Metrics
from yolo_fer.results import FacePrediction

Answers = list[list[FacePrediction]]


def run(
    tmp_path: Path,
    tiny: list[TinyImage],
    answers: Answers,
    *,
    coco: bool = True,
    out: Path | None = None,
    **options: Any,
) -> Metrics:
    data = write_set(tmp_path / "set", tiny, coco=coco)
    return evaluate(Canned(*answers), data, SPLIT, replace(QUICK, **options), out=out)


def of(metrics: Metrics, emotion: Emotion) -> ClassMetrics:
    return metrics.classes[emotion]


def shifted(box: XYXY, by: float) -> XYXY:
    return box[0] + by, box[1], box[2] + by, box[3]


@pytest.mark.parametrize("coco", [True, False])
def test_perfect_predictions_give_one_everywhere(tmp_path: Path, coco: bool) -> None:
    answers = [[face(LEFT, **{name: 0.9})] for name in EMOTION_NAMES]
    metrics = run(tmp_path, ALL_SEVEN, answers, coco=coco, resamples=50)
    figures = (
        metrics.map50,
        metrics.map50_95,
        metrics.map50_strict,
        metrics.face_ap50,
        metrics.accuracy,
        metrics.macro_f1,
        metrics.found,
    )
    assert figures == pytest.approx([1] * 7)
    assert metrics.map50_interval == pytest.approx((1, 1))
    for c in metrics.classes:
        assert (c.faces, c.precision, c.recall, c.ap50) == pytest.approx((1, 1, 1, 1))
    assert np.diag(metrics.confusion).tolist() == [1] * 7
    assert not metrics.warnings


@pytest.mark.parametrize(
    ("by", "ap50", "ap50_95"),
    [
        (9, 1.0, 0.1),  # IoU 21/39 = 0.54 passes the first of ten thresholds
        (11, 0.0, 0.0),  # IoU 19/41 = 0.46 passes none
    ],
)
def test_a_box_beside_the_face_fails(
    tmp_path: Path, by: float, ap50: float, ap50_95: float
) -> None:
    tiny = [TinyImage(((LEFT, Emotion.ANGER),))]
    metrics = run(tmp_path, tiny, [[face(shifted(LEFT, by), anger=0.9)]])
    assert of(metrics, Emotion.ANGER).ap50 == pytest.approx(ap50)
    assert of(metrics, Emotion.ANGER).ap50_95 == pytest.approx(ap50_95)
    assert metrics.confusion[Emotion.ANGER][-1] == 1 - ap50


def test_an_unlabelled_face_that_is_found_costs_only_in_strict(tmp_path: Path) -> None:
    tiny = [TinyImage(((LEFT, Emotion.HAPPINESS), (RIGHT, None)))]
    answers = [[face(RIGHT, happiness=0.9, anger=0.8), face(LEFT, happiness=0.6)]]
    metrics = run(tmp_path, tiny, answers)
    assert metrics.map50 == pytest.approx(1)
    assert metrics.map50_strict == pytest.approx(0.5)
    assert metrics.face_ap50 == pytest.approx(1)
    assert (metrics.faces, metrics.ignored_faces) == (1, 1)
    assert of(metrics, Emotion.HAPPINESS).precision == pytest.approx(1)


def test_all_seven_scores_of_a_face_count(tmp_path: Path) -> None:
    tiny = [TinyImage(((LEFT, Emotion.ANGER),)), TinyImage(((LEFT, Emotion.FEAR),))]
    both = [[face(LEFT, anger=0.8, fear=0.1)], [face(LEFT, anger=0.7, fear=0.6)]]
    best_alone = [[face(LEFT, anger=0.8)], [face(LEFT, anger=0.7)]]
    whole = run(tmp_path / "a", tiny, both)
    assert of(whole, Emotion.FEAR).ap50 == pytest.approx(1)  # 0.6 comes before 0.1
    assert of(whole, Emotion.ANGER).ap50 == pytest.approx(1)
    assert of(run(tmp_path / "b", tiny, best_alone), Emotion.FEAR).ap50 == 0
    assert whole.accuracy == pytest.approx(0.5)  # the name is still the largest score


def test_face_ap_takes_one_detection_of_each_box(tmp_path: Path) -> None:
    tiny = [TinyImage(((LEFT, Emotion.ANGER),))]
    # Wrong name, right place; a box on nothing scores less than the largest of the seven.
    metrics = run(tmp_path, tiny, [[face(LEFT, fear=0.9, anger=0.2), face(RIGHT, anger=0.5)]])
    assert metrics.face_ap50 == pytest.approx(1)
    assert metrics.map50 == pytest.approx(0.5)


def test_faces_are_ranked_by_their_own_score_and_emotions_by_theirs(tmp_path: Path) -> None:
    tiny = [TinyImage(((LEFT, Emotion.ANGER),))]
    ambiguous = face(LEFT, **dict.fromkeys(EMOTION_NAMES, 0.4))  # a face with a score of 0.97
    metrics = run(tmp_path, tiny, [[ambiguous, face(RIGHT, anger=0.5)]])
    assert metrics.face_ap50 == pytest.approx(1)
    assert of(metrics, Emotion.ANGER).ap50 == pytest.approx(0.5)


def test_a_face_finder_ranks_by_the_score_that_it_gave(tmp_path: Path) -> None:
    tiny = [TinyImage(((LEFT, Emotion.ANGER),))]
    sure = replace(face(LEFT, anger=0.3, fear=0.3), finder_score=0.6)  # else 0.51
    metrics = run(tmp_path, tiny, [[sure, face(RIGHT, anger=0.55)]])
    assert metrics.face_ap50 == pytest.approx(1)


def test_missed_faces_have_their_own_column(tmp_path: Path) -> None:
    tiny = [
        TinyImage(((LEFT, Emotion.ANGER), (RIGHT, Emotion.SADNESS))),
        TinyImage(((LEFT, Emotion.SADNESS),)),
    ]
    metrics = run(tmp_path, tiny, [[face(LEFT, anger=0.9)], [face(LEFT, anger=0.3, sadness=0.2)]])
    expected = np.zeros((7, 8), int)
    expected[Emotion.ANGER, Emotion.ANGER] = 1
    expected[Emotion.SADNESS, Emotion.ANGER] = 1
    expected[Emotion.SADNESS, 7] = 1
    assert metrics.confusion == tuple(map(tuple, expected.tolist()))
    assert metrics.accuracy == pytest.approx(1 / 2)  # of the two that were found
    assert metrics.found == pytest.approx(2 / 3)
    assert metrics.macro_f1 == pytest.approx((2 / 3 + 0) / 2)
    assert metrics.to_json()["confusion"]["sadness"] == {
        **dict.fromkeys(EMOTION_NAMES, 0),
        "anger": 1,
        "missed": 1,
    }


def test_an_absent_class_is_left_out_of_the_mean_and_told(tmp_path: Path) -> None:
    tiny = [TinyImage(((LEFT, Emotion.ANGER),)), TinyImage(((LEFT, Emotion.FEAR),))]
    metrics = run(
        tmp_path, tiny, [[face(LEFT, anger=0.9, disgust=0.5)], []], resamples=40, out=tmp_path,
        plots=False,
    )  # fmt: skip
    assert math.isnan(of(metrics, Emotion.DISGUST).ap50)
    assert metrics.map50 == pytest.approx(0.5)
    assert "no face shows disgust" in metrics.warnings[0]
    written = json.loads((tmp_path / "metrics.json").read_text(), parse_constant=pytest.fail)
    disgust = written["classes"]["disgust"]
    assert (disgust["ap50"], disgust["ap50_interval"], disgust["faces"]) == (None, None, 0)
    assert written["map50"] == pytest.approx(0.5)


def test_no_detection_at_all_is_zero_and_no_crash(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    metrics = run(tmp_path, ALL_SEVEN, [[]] * 7, out=out, resamples=20)
    assert (metrics.map50, metrics.face_ap50, metrics.found) == (0, 0, 0)
    written = json.loads((out / "metrics.json").read_text(), parse_constant=pytest.fail)
    assert (written["accuracy"], written["calibration_error"]) == (None, None)
    assert json.loads((out / "predictions.json").read_text()) == []


def test_each_source_has_its_own_figures(tmp_path: Path) -> None:
    tiny = [
        TinyImage(((LEFT, Emotion.ANGER),), source="expw"),
        TinyImage(((LEFT, Emotion.ANGER),), source="affwild2"),
        TinyImage(((LEFT, Emotion.FEAR),), source="affwild2"),
    ]
    metrics = run(tmp_path, tiny, [[face(LEFT, anger=0.9)], [], [face(LEFT, fear=0.9)]])
    affwild2, expw = metrics.sources
    assert (affwild2.value, affwild2.images, affwild2.faces) == ("affwild2", 2, 2)
    assert affwild2.map50 == pytest.approx(0.5)
    assert (expw.faces, expw.map50) == (1, pytest.approx(1))
    assert metrics.to_json()["sources"]["expw"]["map50"] == pytest.approx(1)


def test_one_source_is_not_listed(tmp_path: Path) -> None:
    assert run(tmp_path, ALL_SEVEN, [[]] * 7).sources == ()


def test_groups_are_what_is_resampled(tmp_path: Path) -> None:
    # Anger is always found, once right and once wrong: within a video the two cancel out.
    found, wrong = [face(LEFT, anger=0.9)], [face(LEFT, fear=0.9)]
    faces = ((LEFT, Emotion.ANGER),)
    answers = [found, wrong] * 10
    videos = [TinyImage(faces, group=f"video {i // 2}") for i in range(20)]
    alone = run(tmp_path / "a", [TinyImage(faces)] * 20, answers, resamples=200)
    together = run(tmp_path / "b", videos, answers, resamples=200)
    assert alone.accuracy_interval is not None
    assert alone.accuracy_interval[1] - alone.accuracy_interval[0] > 0.2
    assert together.accuracy_interval == pytest.approx((0.5, 0.5))
    assert (alone.groups, together.groups) == (20, 10)


def test_one_group_gives_no_intervals_and_says_so(tmp_path: Path) -> None:
    tiny = [TinyImage(((LEFT, emotion),), group="one video") for emotion in Emotion]
    metrics = run(tmp_path, tiny, [[]] * 7, resamples=10)
    assert metrics.map50_interval is None
    assert "one group" in metrics.warnings[-1]


def test_pycocotools_gets_the_same_figure_from_the_written_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    rng = np.random.default_rng(3)
    tiny, answers = [], []
    for i in range(24):
        emotion = None if i % 5 == 0 else Emotion(i % 7)
        tiny.append(TinyImage(((LEFT, Emotion(int(rng.integers(7)))), (RIGHT, emotion))))
        answers.append(
            [
                FacePrediction(tuple((np.array(box) + rng.normal(0, 4, 4)).tolist()), scores)
                for box in (LEFT, RIGHT, (30, 5, 70, 50))
                for scores in [tuple(rng.random(7).tolist())]
            ]
        )
    metrics = run(tmp_path, tiny, answers, out=tmp_path, plots=False)
    truth = COCO()
    truth.dataset = for_pycocotools(
        json.loads((tmp_path / "set" / "annotations" / f"instances_{SPLIT}.json").read_text())
    )
    truth.createIndex()
    assert min(truth.anns) == 1  # 0 would stand for "unmatched"
    evaluation = COCOeval(truth, truth.loadRes(str(tmp_path / "predictions.json")), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    capsys.readouterr()
    ap50 = evaluation.eval["precision"][0, :, :, 0, 2].mean(axis=0)
    assert [c.ap50 for c in metrics.classes] == pytest.approx(ap50.tolist(), abs=1e-9)
    assert 0.02 < metrics.map50 < 0.98


def test_a_picture_that_cannot_be_written_does_not_cost_the_figures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    (out / "by_size.png").mkdir(parents=True)  # in the way
    with pytest.raises(OSError, match=r"by_size\.png"):
        run(tmp_path, ALL_SEVEN, [[]] * 7, out=out, plots=True)
    assert json.loads((out / "metrics.json").read_text())["images"] == 7
