from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.helpers.converted import TRAIN, convert_faces, convert_raw
from tests.helpers.raw_expw import RawExpw, picture
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.dataset.samples import Box, Face
from yolo_fer.emotions import Emotion
from yolo_fer.inspect.sampling import RandomSample, SampledFace, sample_faces


def test_the_same_seed_draws_the_same_faces_and_another_one_others(tmp_path: Path) -> None:
    converted = open_converted_set(convert_faces(tmp_path / "set", range(70), TRAIN))

    def drawn(seed: int) -> list[str]:
        face_samples = sample_faces(converted, ("train",), 5, seed).face_samples[
            "train", Emotion.ANGER
        ]
        return [sampled_face.name for sampled_face in face_samples.drawn()]

    assert len(set(drawn(0))) == 5
    assert drawn(0) == drawn(0) != drawn(1)


def test_of_a_video_two_faces_at_most_are_drawn() -> None:
    def drawn(*names: str) -> list[str]:
        sample = RandomSample(4, seed=0)
        for name in names:
            face = Face(Box(0, 0, 9, 9), Emotion.FEAR)
            sample.offer(SampledFace(Path(name), name, name[0], False, 0, (face,)))
        return [one.name for one in sample.drawn()]

    film = [f"a{number}" for number in range(30)]
    others = [f"{letter}0" for letter in "bcdefgh"]
    shown = drawn(*film, *others)
    assert len(shown) == 4
    assert sum(name.startswith("a") for name in shown) <= 2
    assert shown == drawn(*others, *reversed(film)), "whatever the order"
    assert len(drawn(*film)) == 2


def test_figures_count_every_labelled_face_where_it_is(tmp_path: Path) -> None:
    raw = RawExpw(tmp_path / "raw")
    raw.image("a.jpg", picture(1, 200, 100))
    raw.row("a.jpg", (20, 20, 60, 60), label=3)
    raw.row("a.jpg", (120, 10, 180, 70), label=5)
    raw.row("a.jpg", (80, 70, 100, 90), score=3)
    figures = sample_faces(
        open_converted_set(convert_raw(raw, tmp_path / "set", TRAIN)), ("train",), 1, 0
    ).figures
    assert figures.counts == {("train", Emotion.HAPPINESS): 1, ("train", Emotion.SURPRISE): 1}
    assert (figures.ignored["train"], figures.images["train"]) == (1, 1)
    np.testing.assert_allclose(figures.x, [0.2, 0.75], atol=1e-6)
    np.testing.assert_allclose(figures.y, [0.4, 0.4], atol=1e-6)
    np.testing.assert_allclose(figures.side, [40, 60], atol=1e-4)
    np.testing.assert_allclose(figures.aspect, [1, 1], atol=1e-6)


def test_masked_copies_are_told_from_listed_ones(tmp_path: Path) -> None:
    raw = RawExpw(tmp_path / "raw")
    raw.face("a.jpg", seed=1)
    raw.row("a.jpg", (70, 10, 110, 50), score=20)
    options = replace(TRAIN, unlabelled=Unlabelled.MASK)
    converted = open_converted_set(convert_raw(raw, tmp_path / "set", options))
    sampled_faces = sample_faces(converted, ("train",), 9, 0).face_samples["train", None].drawn()
    assert [sampled_face.masked for sampled_face in sampled_faces] == [True]
