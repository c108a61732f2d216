"""Figures by face size, by columns of the manifest, and of finding all faces."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pycocotools")
from tests.helpers.tiny_set import LEFT, RIGHT, SPLIT, XYXY, Canned, TinyImage, face, write_set
from yolo_fer import images
from yolo_fer.dataset.coco import for_pycocotools
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import UsageError
from yolo_fer.evaluate.evaluate import evaluate
from yolo_fer.evaluate.metrics import MOST_SLICES, Metrics, largest
from yolo_fer.evaluate.options import EvaluationOptions
from yolo_fer.results import FacePrediction

SMALL: XYXY = (5, 70, 25, 90)  # 20 pixels; LEFT and RIGHT have 30
ANGRY_LEFT, SAD_SMALL = (LEFT, Emotion.ANGER), (SMALL, Emotion.SADNESS)


def run(
    tmp_path: Path,
    tiny: list[TinyImage],
    *answers: list[FacePrediction],
    report: dict[str, Any] | None = None,
    scale: float = 1.0,
    coco: bool = True,
    out: Path | None = None,
    **options: Any,
) -> Metrics:
    data = write_set(tmp_path / "set", tiny, coco=coco)
    if report is not None:
        data.with_name("conversion_report.json").write_text(json.dumps(report))
    chosen = EvaluationOptions(**{"resamples": 0} | options)
    return evaluate(Canned(*answers, scale=scale), data, SPLIT, chosen, out=out)


def test_each_size_has_its_own_figures(tmp_path: Path) -> None:
    answers = [[face(LEFT, anger=0.9), face(SMALL, fear=0.1)]]
    metrics = run(tmp_path, [TinyImage((ANGRY_LEFT, SAD_SMALL))], *answers, resamples=20)
    below, above, *others = metrics.sizes
    assert (below.value, above.value) == ("below 24", "24-48")
    assert (below.faces, below.accuracy, below.map50) == (1, 0, 0)
    assert below.face_ap50 == pytest.approx(1)
    assert below.face_recall == 0  # 0.1 is below the threshold of 0.25
    assert (above.faces, above.accuracy, above.face_recall) == (1, 1, 1)
    assert (above.map50, above.face_ap50) == pytest.approx((1, 1))
    assert [size.faces for size in others] == [0, 0, 0]
    assert math.isnan(others[0].accuracy)
    assert metrics.face_recall == pytest.approx(0.5)
    assert metrics.threshold == 0.25


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (face(LEFT, anger=0.2, fear=0.2), 1),  # 0.36, whatever it shows
        (replace(face(LEFT, anger=0.1), finder_score=0.9), 1),
        (face(LEFT, anger=0.2), 0),
    ],
)
def test_a_face_is_found_at_the_threshold_by_its_own_score_and_not_its_expression_s(
    tmp_path: Path, answer: FacePrediction, found: int
) -> None:
    metrics = run(tmp_path, [TinyImage((ANGRY_LEFT, (RIGHT, None)))], [answer])
    assert metrics.face_recall == found
    assert metrics.sizes[1].face_recall == found
    assert metrics.sizes[1].all_recall == found / 2


def test_all_faces_are_ranked_by_their_own_score(tmp_path: Path) -> None:
    ambiguous = face(LEFT, **dict.fromkeys(EMOTION_NAMES, 0.3))
    clear_but_no_face = face(SMALL, anger=0.6)
    answers = [clear_but_no_face, ambiguous, replace(face(RIGHT, fear=0.1), finder_score=0.9)]
    every = run(tmp_path, [TinyImage((ANGRY_LEFT, (RIGHT, None)))], answers).all_faces
    assert every is not None
    assert every.ap50 == pytest.approx(1)


@pytest.mark.parametrize(("scale", "place"), [(0.7, 0), (1, 1), (1.6, 2), (3.2, 3), (6.4, 4)])
def test_a_size_is_that_in_the_network_s_input(tmp_path: Path, scale: float, place: int) -> None:
    answers = [face(LEFT, anger=0.9)]
    metrics = run(tmp_path, [TinyImage((ANGRY_LEFT,))], answers, scale=scale)
    assert [size.faces for size in metrics.sizes] == [int(i == place) for i in range(5)]


def test_a_box_on_nothing_costs_only_its_own_size(tmp_path: Path) -> None:
    tiny = [TinyImage((ANGRY_LEFT, (SMALL, Emotion.ANGER)))]
    answers = [face(RIGHT, anger=0.9), face(LEFT, anger=0.8), face(SMALL, anger=0.7)]
    below, above, *_ = run(tmp_path, tiny, answers).sizes
    assert (below.map50, below.face_ap50) == pytest.approx((1, 1))
    assert (above.map50, above.face_ap50) == pytest.approx((0.5, 0.5))


def test_average_precisions_by_size_are_those_of_pycocotools(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    rng = np.random.default_rng(5)
    tiny, answers = [], []
    for _ in range(24):
        boxes = [tuple((np.array(b) + rng.normal(0, 3, 4)).clip(0, 99)) for b in (LEFT, SMALL)]
        emotions = [Emotion(int(i)) for i in rng.integers(7, size=2)]
        tiny.append(TinyImage((*zip(boxes, emotions, strict=True), (RIGHT, None))))
        places = [*boxes, RIGHT, (40, 5, 60, 25), (30, 40, 57, 66)]
        answers.append(
            [
                FacePrediction(
                    tuple((np.array(box) + rng.normal(0, 2.5, 4)).tolist()),
                    tuple(rng.random(7).tolist()),
                )
                for box in places
            ]
        )
    metrics = run(tmp_path, tiny, *answers, out=tmp_path, plots=False)
    truth = COCO()
    truth.dataset = for_pycocotools(
        json.loads((tmp_path / "set" / "annotations" / f"instances_{SPLIT}.json").read_text())
    )
    truth.createIndex()
    evaluation = COCOeval(truth, truth.loadRes(str(tmp_path / "predictions.json")), "bbox")
    evaluation.params.areaRng = [[0, 24**2 - 1e-6], [24**2, 48**2 - 1e-6]]
    evaluation.params.areaRngLbl = ["below 24", "24-48"]
    evaluation.evaluate()
    evaluation.accumulate()
    capsys.readouterr()
    of_classes = evaluation.eval["precision"][0, :, :, :, 2].mean(axis=0)
    expected = [column[column >= 0].mean() for column in of_classes.T]  # -1: no face of a class
    assert [size.map50 for size in metrics.sizes[:2]] == pytest.approx(expected, abs=1e-9)
    assert 0.02 < expected[0] < 0.98


def test_faces_that_nobody_labelled_are_to_be_found_where_they_are_boxed(tmp_path: Path) -> None:
    tiny = [TinyImage((ANGRY_LEFT, (RIGHT, None), (SMALL, None)))]
    metrics = run(tmp_path, tiny, [face(LEFT, anger=0.9), face(RIGHT, fear=0.8)], resamples=20)
    every = metrics.all_faces
    assert every is not None
    assert (every.images, every.faces, every.unlabelled) == (1, 3, 2)
    assert every.recall == pytest.approx(2 / 3)
    assert every.ap50 == pytest.approx(67 / 101)
    below, above, *_ = metrics.sizes
    assert (below.faces, below.all_faces, below.all_recall) == (0, 1, 0)
    assert (above.faces, above.all_faces, above.all_recall) == (1, 2, 1)
    assert above.all_ap50 == pytest.approx(1)
    assert metrics.face_ap50 == pytest.approx(1)  # of the labelled face


@pytest.mark.parametrize(
    "report",
    [
        {"source": "drawn", "options": {"unlabelled": "keep"}},
        {
            "source": "drawn+else",
            "options": {"sets": [{"datasets": {"old": "drawn"}}]},
            "conversions": [{"source": "old", "options": {"unlabelled": "keep"}}],
        },
    ],
)
def test_where_nobody_looked_for_them_finding_all_is_not_measured(
    tmp_path: Path, report: dict[str, Any]
) -> None:
    """A labelled face of a low score is ignored there, too, and proves nothing."""
    tiny = [TinyImage((ANGRY_LEFT, (RIGHT, None)))]
    metrics = run(tmp_path, tiny, [face(LEFT, anger=0.9)], report=report)
    assert metrics.all_faces is None
    assert metrics.to_json()["all_faces"] is None
    assert metrics.sizes[1].all_faces is None


def test_images_of_a_source_that_nobody_searched_take_no_part(tmp_path: Path) -> None:
    """Its box next to the labelled face would be false, and may be a face."""
    tiny = [TinyImage((ANGRY_LEFT, (RIGHT, None))), TinyImage((ANGRY_LEFT,), source="bare")]
    found, unsure = [face(LEFT, anger=0.5), face(RIGHT, fear=0.5)], [face(RIGHT, anger=0.9)]
    metrics = run(tmp_path, tiny, found, unsure)
    every = metrics.all_faces
    assert every is not None
    assert (every.images, every.faces, every.ap50) == (1, 2, pytest.approx(1))
    searched = {"source": "drawn", "options": {"unlabelled": "ignore"}}
    with_report = run(tmp_path / "b", tiny, found, unsure, report=searched).all_faces
    assert with_report is not None  # now the second image is known to have one face, not found
    assert (with_report.images, with_report.faces) == (2, 3)
    assert with_report.ap50 < 0.7


def test_faces_that_were_painted_over_need_not_be_found(tmp_path: Path) -> None:
    tiny = [
        TinyImage((ANGRY_LEFT, (RIGHT, None)), flags="clipped;masked"),
        TinyImage((ANGRY_LEFT, (SMALL, None))),
    ]
    every = run(tmp_path, tiny, [face(LEFT, anger=0.9)], [face(LEFT, anger=0.9)]).all_faces
    assert every is not None
    assert (every.faces, every.unlabelled) == (3, 1)
    assert every.recall == pytest.approx(2 / 3)


def test_a_set_of_plain_yolo_labels_has_no_figures_of_all_faces(tmp_path: Path) -> None:
    tiny = [TinyImage((ANGRY_LEFT,))]
    assert run(tmp_path, tiny, [face(LEFT, anger=0.9)], coco=False).all_faces is None


def test_a_report_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    tiny = [TinyImage((ANGRY_LEFT, (RIGHT, None)))]
    metrics = run(tmp_path, tiny, [face(LEFT, anger=0.9)], report={"conversions": [{}]})
    assert any("conversion_report.json cannot be read" in text for text in metrics.warnings)
    assert metrics.all_faces is not None


def test_any_column_of_the_manifest_slices(tmp_path: Path) -> None:
    tiny = [
        TinyImage((ANGRY_LEFT,), flags="clipped"),
        TinyImage((ANGRY_LEFT,)),
        TinyImage(((LEFT, Emotion.FEAR),)),
    ]
    out = tmp_path / "out"
    out.mkdir()
    answers = [face(LEFT, anger=0.9)], [face(LEFT, fear=0.9)], [face(LEFT, fear=0.8)]
    metrics = run(tmp_path, tiny, *answers, columns=("flags", "group"), out=out, resamples=50)
    none, clipped = metrics.slices["flags"]
    assert (none.value, none.images, none.faces, none.accuracy) == ("", 2, 2, 0.5)
    assert none.map50 == pytest.approx((0 + 0.5) / 2)
    assert (clipped.value, clipped.accuracy, clipped.map50) == ("clipped", 1, pytest.approx(1))
    assert [row.value for row in metrics.slices["group"]] == ["000", "001", "002"]
    assert none.accuracy_interval is not None
    written = json.loads((out / "metrics.json").read_text(), parse_constant=pytest.fail)
    assert written["slices"]["flags"]["clipped"]["images"] == 1
    for name in ("by_size.png", "by_flags.png", "by_group.png"):
        assert images.read(out / name).std() > 5


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", [TinyImage((ANGRY_LEFT,))])
    with pytest.raises(UsageError, match=r"no column 'film' to slice by.*file, sha256, source"):
        evaluate(Canned([]), data, SPLIT, EvaluationOptions(columns=("film",)))
    data.with_name("manifest.csv").unlink()
    with pytest.raises(UsageError, match=r"it has no manifest\.csv"):
        evaluate(Canned([]), data, SPLIT, EvaluationOptions(columns=("source",)))


def test_a_column_with_very_many_values_is_refused_before_anything_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yolo_fer.evaluate.evaluate._MOST_VALUES", 2)
    data = write_set(tmp_path / "set", [TinyImage((ANGRY_LEFT,))] * 3)
    predictor = Canned(*[[]] * 3)
    with pytest.raises(UsageError, match="'file' has 3 different values in the split test"):
        evaluate(predictor, data, SPLIT, EvaluationOptions(columns=("source", "file")))
    assert not predictor.batches


def test_numbers_are_in_their_order_before_words(tmp_path: Path) -> None:
    tiny = [TinyImage((ANGRY_LEFT,), flags=flags) for flags in ("10", "x", "9", "")]
    rows = run(tmp_path, tiny, *[[]] * 4, columns=("flags",)).slices["flags"]
    assert [row.value for row in rows] == ["9", "10", "", "x"]


def test_of_very_many_values_a_person_is_shown_those_with_the_most_faces(tmp_path: Path) -> None:
    (row,) = run(tmp_path, [TinyImage((ANGRY_LEFT,))], [], columns=("flags",)).slices["flags"]
    rows = [replace(row, value=str(i), faces=1 + i % 2) for i in range(2 * MOST_SLICES)]
    assert largest(rows) == rows[1::2]
    assert largest(rows[:3]) == rows[:3]
