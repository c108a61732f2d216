"""Where the cascade's training images come from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime")

from tests.helpers.converted import TRAIN, convert_faces
from tests.helpers.merged import merged
from yolo_fer.boxes import iou
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.train.mtcnn.training_images import (
    Photograph,
    filled,
    find_in_crop,
    read_or_none,
    read_photographs,
)


def test_photographs_have_their_faces_in_tight_boxes_with_one_emotion_each(tmp_path: Path) -> None:
    folder = convert_faces(tmp_path / "set", range(7), TRAIN)
    with pytest.warns(YoloFerWarning, match="learned as background; convert it with mask"):
        photographs = read_photographs(folder, "train")
    assert len(photographs) == 7
    for photograph in photographs:
        assert photograph.path.is_file()
        (box,) = photograph.boxes
        assert box[2] - box[0] < box[3] - box[1], "a face is higher than wide"
        assert photograph.emotions.sum() == 1
        assert photograph.ignored.shape == (0, 4)
    shown = {int(photograph.emotions.argmax()) for photograph in photographs}
    assert shown == set(range(7))


def test_a_merged_set_warns_of_those_whose_unlabelled_faces_were_left_alone(tmp_path: Path) -> None:
    sets = [convert_faces(tmp_path / "kept", range(3), TRAIN)]
    sets.append(convert_faces(tmp_path / "kept too", range(20, 23), TRAIN))
    merged(sets, tmp_path / "out")
    with pytest.warns(YoloFerWarning, match="kept, kept_too was converted with `unlabelled=keep`"):
        read_photographs(tmp_path / "out", "train")


@pytest.mark.filterwarnings("ignore::yolo_fer.errors.YoloFerWarning")
def test_a_split_without_a_labelled_face_is_an_error(tmp_path: Path) -> None:
    folder = convert_faces(tmp_path / "set", range(2), TRAIN)
    with pytest.raises(YoloFerError, match="no labelled face in its split 'test'"):
        read_photographs(folder, "test")


def test_where_a_crop_was_not_annotated_its_face_is_where_faces_usually_are() -> None:
    boxes = np.array([[5.0, 4, 40, 44], [np.nan] * 4])
    known, usual = filled(boxes, 48)
    assert known.tolist() == [5, 4, 40, 44]
    assert iou(usual[None], np.array([[4.0, 0, 44, 48]])).item() > 0.7


def test_boxes_that_are_found_in_a_wider_view_are_given_in_pixels_of_the_crop() -> None:
    crop = np.zeros((48, 48, 3), np.uint8)
    crop[10:30, 20:40] = 255

    def find(view: np.ndarray) -> np.ndarray:
        bright = np.argwhere(view[..., 0] > 127)
        (top, left), (bottom, right) = bright.min(axis=0), bright.max(axis=0) + 1
        return np.array([[left, top, right, bottom]], float)

    np.testing.assert_allclose(find_in_crop(find, crop), [[20, 10, 40, 30]], atol=1)


def test_a_photograph_that_went_away_is_counted(tmp_path: Path) -> None:
    none = np.empty((0, 4))
    left_out: Counter[str] = Counter()
    gone = Photograph(tmp_path / "gone.jpg", none, np.empty((0, 7), np.float32), none)
    assert read_or_none(gone, left_out) is None
    assert left_out == {"missing_image": 1}
