"""The worst mistakes, on a sheet and in a list; and figures that rest on few faces or people."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

pytest.importorskip("pycocotools")
from tests.helpers.tiny_set import LEFT, RIGHT, SPLIT, XYXY, Canned, TinyImage, face, write_set
from yolo_fer import images
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.evaluate import evaluate
from yolo_fer.evaluate.few_faces import FEW
from yolo_fer.evaluate.metrics import Metrics
from yolo_fer.evaluate.options import EvaluationOptions
from yolo_fer.results import FacePrediction

BOTH = ((LEFT, Emotion.ANGER), (RIGHT, Emotion.FEAR))
# Anger is called fear, fear is missed, and there is a face where none is.
WRONG = [face(LEFT, fear=0.8), face((0, 60, 30, 99), joy=0, sadness=0.7)]


def run(
    tmp_path: Path, tiny: list[TinyImage], answer: list[FacePrediction], plots: bool = True
) -> Metrics:
    data = write_set(tmp_path / "set", tiny)
    predictor = Canned(*[answer] * len(tiny))
    options = EvaluationOptions(resamples=0, plots=plots)
    return evaluate(predictor, data, SPLIT, options, out=tmp_path)


def crowd(emotion: Emotion, faces: int) -> tuple[tuple[XYXY, Emotion], ...]:
    corners = [(10.0 * (i % 10), 10.0 * (i // 10)) for i in range(faces)]
    return tuple(((x, y, x + 9, y + 9), emotion) for x, y in corners)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "worst_mistakes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_pictures_are_drawn_even_of_mistakes_of_every_kind(tmp_path: Path) -> None:
    run(tmp_path, [TinyImage(BOTH)] * 12, WRONG)
    for name in ("confusion.png", "precision_recall.png", "reliability.png", "by_size.png"):
        assert images.read(tmp_path / name).std() > 5
    sheet = images.read(tmp_path / "worst_mistakes.jpg")
    # three headings, and two rows of eight for each kind: twelve mistakes fill them half
    assert sheet.shape == (3 * 30 + 6 * 192, 8 * 152, 3)


def test_the_list_names_the_file_and_the_face_of_each_mistake(tmp_path: Path) -> None:
    run(tmp_path, [TinyImage(BOTH)], WRONG, plots=False)
    wrong, missed, false = rows(tmp_path)
    assert {row["file"] for row in (wrong, missed, false)} == {f"images/{SPLIT}/000.jpg"}
    assert (wrong["kind"], wrong["emotion"], wrong["named"]) == ("named wrong", "anger", "fear")
    assert [float(wrong[corner]) for corner in ("x1", "y1", "x2", "y2")] == list(LEFT)
    assert (missed["kind"], missed["emotion"], missed["named"]) == ("missed", "fear", "")
    assert (false["kind"], false["emotion"], false["named"]) == ("no known face", "", "sadness")
    assert float(false["score"]) == pytest.approx(0.7, abs=0.01)


def test_a_video_has_two_mistakes_of_each_kind_at_most(tmp_path: Path) -> None:
    frames = [TinyImage(BOTH, group="film")] * 10
    run(tmp_path, [*frames, TinyImage(BOTH), TinyImage(BOTH)], WRONG)
    for kind in ("named wrong", "missed", "no known face"):
        files = [row["file"] for row in rows(tmp_path) if row["kind"] == kind]
        names = [f"images/{SPLIT}/{number:03}.jpg" for number in (0, 1, 10, 11)]
        assert files == names
    # one row of tiles for each kind
    assert images.read(tmp_path / "worst_mistakes.jpg").shape[0] == 3 * (30 + 192)


def test_the_sheet_shows_the_name_of_each_file(tmp_path: Path) -> None:
    run(tmp_path, [TinyImage(BOTH)], WRONG)
    sheet = images.read(tmp_path / "worst_mistakes.jpg")
    line = sheet[30 + 144 + 34 : 30 + 192, :152]  # below the two lines of the first caption
    assert line.min() < 100


def test_few_faces_and_a_single_person_are_told(tmp_path: Path) -> None:
    one = TinyImage(crowd(Emotion.HAPPINESS, FEW), group="ann", source="a")
    two = TinyImage(crowd(Emotion.FEAR, FEW - 2), group="bob", source="b")
    three = TinyImage(crowd(Emotion.FEAR, 1), group="cleo", source="b")
    few, alone = run(tmp_path, [one, two, three], [], plots=False).cautions
    assert few == (
        f"fewer than {FEW} labelled faces, so figures that chance decides: fear ({FEW - 1}), "
        f"the source b ({FEW - 1})"
    )
    assert alone == (
        "faces of one group, which is one person or one video: happiness (ann), the source a (ann)"
    )


def test_enough_faces_of_several_people_are_nothing_to_tell(tmp_path: Path) -> None:
    half = crowd(Emotion.FEAR, FEW // 2)
    tiny = [TinyImage(half, group="ann"), TinyImage(half, group="bob")]
    assert run(tmp_path, tiny, [], plots=False).cautions == ()


def test_the_best_threshold_is_that_which_parts_faces_from_what_is_none(tmp_path: Path) -> None:
    tiny = [TinyImage(((LEFT, Emotion.FEAR),)) for _ in range(8)]
    answer = [face(LEFT, fear=0.2), face(RIGHT, fear=0.05)]
    metrics = run(tmp_path, tiny, answer, plots=False)
    assert 0.05 < metrics.best_threshold <= 0.2
