"""What a predictor is shown of a set, and when."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.helpers.tiny_set import LEFT, SPLIT, Canned, TinyImage, face, write_set
from yolo_fer.dataset.evaluation_set import read_evaluation_set
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.evaluate.observations import observe

ALL_SEVEN = [TinyImage(((LEFT, emotion),)) for emotion in Emotion]


@pytest.mark.parametrize(("most", "batches"), [(400_000_000, [3, 3, 1]), (1, [1] * 7)])
def test_images_come_in_batches_and_those_of_very_many_pixels_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, batches: list[int]
) -> None:
    monkeypatch.setattr("yolo_fer.predict.read_ahead._CHUNK_BYTES", most)
    predictor = Canned(*([face(LEFT, **{name: 0.9})] for name in EMOTION_NAMES))
    dataset = read_evaluation_set(write_set(tmp_path / "set", ALL_SEVEN), SPLIT)
    seen = observe(
        predictor, dataset, batch=3, skipped=Counter(), progress=lambda items, _, __: items
    )
    assert predictor.batches == batches
    assert seen.scores.argmax(axis=1).tolist() == list(range(7))


def test_a_decoded_image_takes_its_bytes_before_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    take = "yolo_fer.runtime.byte_budget.ByteBudget.take"
    monkeypatch.setattr(take, lambda budget, ticket, size: taken.append(size))
    predictor = Canned(*([face(LEFT, **{name: 0.9})] for name in EMOTION_NAMES))
    dataset = read_evaluation_set(write_set(tmp_path / "set", ALL_SEVEN), SPLIT)
    observe(predictor, dataset, batch=1, skipped=Counter(), progress=lambda items, _, __: items)
    assert taken == [3 * 100 * 100] * 7
