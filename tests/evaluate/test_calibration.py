"""Scores against how often they are right."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pycocotools")
from tests.helpers.tiny_set import (
    LEFT,
    RIGHT,
    SPLIT,
    Canned,
    TinyImage,
    face,
    write_set,
)
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.evaluate import evaluate
from yolo_fer.evaluate.options import EvaluationOptions


def error_of(tmp_path: Path, right: int, score: float, *, extra: float = 0.0) -> float:
    """The calibration error of 20 boxes with one score, of which some are right."""
    answers = [
        [face(LEFT, **{"anger" if i < right else "fear": score}), face(RIGHT, sadness=extra)]
        for i in range(20)
    ]
    data = write_set(tmp_path, [TinyImage(((LEFT, Emotion.ANGER), (RIGHT, None)))] * 20)
    return evaluate(Canned(*answers), data, SPLIT, EvaluationOptions(resamples=0)).calibration_error


@pytest.mark.parametrize(
    ("right", "score", "expected"),
    [(15, 0.75, 0.0), (5, 0.75, 0.5), (20, 0.6, 0.4), (20, 1.0, 0.0)],
)
def test_the_error_is_the_gap_between_score_and_precision(
    tmp_path: Path, right: int, score: float, expected: float
) -> None:
    assert error_of(tmp_path / "set", right, score) == pytest.approx(expected, abs=1e-9)


def test_boxes_on_ignored_faces_do_not_count(tmp_path: Path) -> None:
    assert error_of(tmp_path / "set", 15, 0.75, extra=0.9) == pytest.approx(0, abs=1e-9)
