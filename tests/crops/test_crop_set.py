"""Face crops with their labels in memory, and which of a dataset's are wanted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from yolo_fer.crops.crop_set import Crops, DataChoice, class_names
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import UsageError, YoloFerError

CROPS = Crops(
    np.arange(4 * 9, dtype=np.uint8).reshape(4, 1, 3, 3),
    np.eye(4, 3, dtype=np.float32),
    np.array([0, 1, 1, -1]),
    ("anger", "fear", "joy"),
)


def test_crops_are_counted_by_class_and_those_in_doubt_left_aside() -> None:
    assert len(CROPS) == 4
    assert CROPS.counts() == {"anger": 1, "fear": 2, "joy": 0}
    assert len(CROPS.labelled()) == 3


def test_chosen_crops_keep_their_pixels_and_labels_together() -> None:
    some = CROPS.chosen(np.array([True, False, True, False]))
    assert some.labels.tolist() == [0, 1]
    assert (some.pixels == CROPS.pixels[[0, 2]]).all()
    assert (some.targets == CROPS.targets[[0, 2]]).all()
    assert CROPS.chosen(np.ones(4, bool)) is CROPS, "all of them are not copied"


def test_a_pixel_or_a_vote_that_changes_makes_another_hash() -> None:
    pixels, targets = CROPS.pixels.copy(), CROPS.targets.copy()
    pixels[3, 0, 2, 2] += 1
    targets[0] = 1 / 3
    others = (replace(CROPS, pixels=pixels), replace(CROPS, targets=targets))
    assert len({CROPS.sha256(), *(other.sha256() for other in others)}) == 3
    assert replace(CROPS, pixels=CROPS.pixels.copy()).sha256() == CROPS.sha256()


def test_contempt_is_a_class_only_if_it_is_wanted() -> None:
    assert class_names(contempt=False) == EMOTION_NAMES
    assert class_names(contempt=True) == (*EMOTION_NAMES, "contempt")


def test_data_that_is_not_there_or_does_not_go_together_is_refused(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match=r"does not exist; give FER2013's CSV file"):
        DataChoice(tmp_path / "none", None, EMOTION_NAMES, 1, 48)
    with pytest.raises(UsageError, match="`ferplus` belongs to FER2013's CSV file"):
        DataChoice(tmp_path, tmp_path / "fer2013new.csv", EMOTION_NAMES, 1, 48)
    assert DataChoice(tmp_path, None, EMOTION_NAMES, 3, 64).shape == (3, 64, 64)
