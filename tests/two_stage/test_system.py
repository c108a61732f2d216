"""What every system that finds faces and then names them promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.drawn_crops import drawn_photograph
from yolo_fer import images
from yolo_fer.boxes import iou
from yolo_fer.emotions import Emotion
from yolo_fer.errors import ImageError, UsageError
from yolo_fer.faces.retinaface import RetinaFace
from yolo_fer.two_stage.classifier import Classifier
from yolo_fer.two_stage.pipeline import TwoStage, load_pipeline


def test_all_faces_of_a_group_are_found_the_best_first(finder: RetinaFace, meter: Path) -> None:
    faces = [drawn_photograph(Emotion(i % 7), i, (110,)) for i in range(6)]
    group = np.concatenate([np.concatenate(faces[:3], 1), np.concatenate(faces[3:], 1)])
    prediction = TwoStage(finder, Classifier(meter))(group)
    scores = [face.score for face in prediction.faces]
    assert len(scores) >= 5
    assert scores == sorted(scores, reverse=True)
    one = TwoStage(finder, Classifier(meter), max_faces=1)(group)
    assert len(one.faces) == 1


def test_an_image_without_a_face_has_none(meter: Path) -> None:
    blank = np.full((120, 160, 3), 90, np.uint8)
    speck = np.full((1, 1, 3), 90, np.uint8)
    first, second = load_pipeline(f"retinaface+{meter}").predict([blank, speck])
    assert first.faces == second.faces == ()
    assert (second.width, second.height) == (1, 1)


def test_tiny_faces_and_grey_and_alpha_files_are_named(
    meter: Path, tmp_path: Path, photograph: np.ndarray
) -> None:
    import cv2

    system = load_pipeline(f"retinaface+{meter}", conf=0.01)
    small = cv2.resize(photograph, (32, 24), interpolation=cv2.INTER_AREA)
    assert all(len(face.scores) == 7 for face in system(small).faces)
    cv2.imwrite(str(tmp_path / "grey.png"), cv2.cvtColor(photograph, cv2.COLOR_BGR2GRAY))
    cv2.imwrite(str(tmp_path / "alpha.png"), cv2.cvtColor(photograph, cv2.COLOR_BGR2BGRA))
    for name in ("grey.png", "alpha.png"):
        prediction = system(tmp_path / name)
        assert prediction.faces
        assert prediction.source == str(tmp_path / name)


def test_an_array_that_is_no_image_is_refused(meter: Path) -> None:
    with pytest.raises(ImageError, match="shape"):
        load_pipeline(f"retinaface+{meter}")(np.zeros((10, 10), np.uint8))


def test_conf_filters_on_the_score_and_loses_nothing_above_it(
    meter: Path, photograph: np.ndarray
) -> None:
    everything = load_pipeline(f"retinaface+{meter}", conf=0.001)(photograph).faces
    best = everything[0].score
    assert load_pipeline(f"retinaface+{meter}", conf=best - 1e-6)(photograph).faces == (
        everything[0],
    )
    assert load_pipeline(f"retinaface+{meter}", conf=min(1, best + 0.01))(photograph).faces == ()


def test_imgsz_is_what_the_finder_sees_and_boxes_stay_those_of_the_image(
    meter: Path, photograph: np.ndarray
) -> None:
    small = load_pipeline(f"retinaface+{meter}", imgsz=160)(photograph)
    whole = load_pipeline(f"retinaface+{meter}")(photograph)
    boxes = [np.array([p.faces[0].box]) for p in (small, whole)]
    assert iou(*boxes).item() > 0.8
    assert small.faces[0].box != whole.faces[0].box


@pytest.mark.parametrize(("name", "value"), [("conf", 1.5), ("conf", -0.1), ("imgsz", 0)])
def test_an_argument_out_of_range_is_wrong_usage(meter: Path, name: str, value: float) -> None:
    with pytest.raises(UsageError, match=name):
        load_pipeline(f"retinaface+{meter}", **{name: value})  # type: ignore[arg-type]


def test_a_photograph_from_a_file(meter: Path, tmp_path: Path, photograph: np.ndarray) -> None:
    (tmp_path / "a.jpg").write_bytes(images.encode_jpeg(photograph))
    assert load_pipeline(f"retinaface+{meter}")(tmp_path / "a.jpg").faces
