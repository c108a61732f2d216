from __future__ import annotations

import numpy as np
import torch

from tests.helpers.drawn_pictures import crop, photograph
from tools.shipping.crop_views import CROP_SIZE, CropBatches, as_input, labelled, plain_crop
from yolo_fer.emotions import Emotion

PICTURES = {
    "expw": [photograph(emotion, seed) for seed, emotion in enumerate(Emotion)],
    "rafdb": [crop(emotion, seed) for seed, emotion in enumerate(Emotion)],
}


def test_a_batch_depends_on_its_number_alone() -> None:
    first, again, other = (CropBatches(PICTURES, seed, 8) for seed in (1, 1, 2))
    for step in (0, 5):
        assert torch.equal(first[step].pixels, again[step].pixels)
        assert torch.equal(first[step].targets, again[step].targets)
    sums = [batches[0].pixels.sum() for batches in (first, other)]
    assert sums[0] != sums[1]


def test_a_batch_has_a_label_and_a_source_for_each_crop() -> None:
    batch = CropBatches(PICTURES, 0, 12)[0]
    assert batch.pixels.shape == (12, 1, CROP_SIZE, CROP_SIZE)
    assert len(batch.targets) == len(batch.sources) == 12
    torch.testing.assert_close(batch.targets.sum(1), torch.ones(12))


def test_a_plain_crop_shows_the_face_in_its_middle() -> None:
    picture = photograph(Emotion.HAPPINESS)
    shown, turned = (plain_crop(picture, 0, 96, 0.8, mirrored) for mirrored in (False, True))
    assert np.abs(shown.astype(int) - turned[:, ::-1].astype(int)).mean() < 8  # half a pixel apart
    x1, y1, x2, y2 = picture.boxes[0].round().astype(int)
    face = picture.pixels[max(0, y1) : y2, max(0, x1) : x2]
    assert abs(float(np.median(face)) - float(np.median(shown[10:86, 10:86]))) < 12


def test_only_labelled_faces_are_named() -> None:
    pictures = [photograph(None), photograph(Emotion.FEAR)]
    assert labelled(pictures) == [(pictures[1], 0)]


def test_three_equal_channels_from_0_to_1() -> None:
    pixels = torch.tensor([[[[0, 255], [51, 0]]]], dtype=torch.uint8)
    batch = as_input(pixels, "cpu")
    assert batch.shape == (1, 3, 2, 2)
    torch.testing.assert_close(batch[0, 2], torch.tensor([[0.0, 1.0], [0.2, 0.0]]))
