from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.command import yolo_fer
from tests.helpers.converted import TRAIN, convert_faces, convert_raw
from tests.helpers.raw_expw import RawExpw, picture
from yolo_fer import images
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.dataset.samples import Box, Face
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.inspect.sampling import RandomSample, SampledFace, sample_faces
from yolo_fer.inspect.set_view import view_set
from yolo_fer.inspect.sheets import draw_sheet
from yolo_fer.palette import BGR


def test_a_set_gets_a_sheet_for_each_emotion_that_is_there_and_plots(tmp_path: Path) -> None:
    raw = RawExpw(tmp_path / "raw")
    for i in range(9):
        raw.face(f"{i}.jpg", seed=i, label=i % 2)
    raw.row("0.jpg", (70, 10, 110, 50), score=20)
    folder = convert_raw(raw, tmp_path / "set", TRAIN)
    (tmp_path / "out").mkdir()
    files = view_set(folder, tmp_path / "out", samples=4)
    assert [file.name for file in files] == [
        "train_anger.jpg",
        "train_disgust.jpg",
        "train_ignored.jpg",
        "plots.png",
    ]
    for file in files:
        assert images.read(file).std() > 10


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


@pytest.mark.parametrize("corner", [(0, 0), (330, 10), (170, 130), (340, 240)])
def test_the_frame_lies_around_the_face_wherever_it_is(
    tmp_path: Path, corner: tuple[int, int]
) -> None:
    x, y = corner
    image = np.full((300, 400, 3), 255, np.uint8)
    image[y : y + 60, x : x + 60] = (30, 30, 30)
    path = tmp_path / "face.png"
    cv2.imencode(".png", image)[1].tofile(path)
    face = Face(Box(x, y, x + 60, y + 60), Emotion.SADNESS)
    sheet = draw_sheet(
        [SampledFace(path, "images/train/face.jpg", "g", False, 0, (face,))], "title"
    )
    tile = sheet[36 : 36 + 240, 6 : 6 + 240].astype(int)
    dark = np.argwhere((np.abs(tile - 30) < 6).all(axis=2))
    frame = np.argwhere((tile == BGR[Emotion.SADNESS]).all(axis=2))
    assert len(dark) > 1000
    assert np.abs(dark.min(axis=0) - frame.min(axis=0)).max() <= 25  # the name lies above it
    assert np.abs(dark.max(axis=0) - frame.max(axis=0)).max() <= 25
    assert (frame.min(axis=0) <= dark.min(axis=0) + 3).all()


def test_masked_ignored_and_labelled_faces_look_different(tmp_path: Path) -> None:
    path = tmp_path / "face.png"
    cv2.imencode(".png", np.full((100, 100, 3), 128, np.uint8))[1].tofile(path)
    box = Box(30, 30, 70, 70)
    sheets = [
        draw_sheet([SampledFace(path, "a/b/a.jpg", "g", masked, 0, (Face(box, emotion),))], "t")
        for emotion, masked in ((None, False), (None, True), (Emotion.FEAR, False))
    ]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert (sheets[a] != sheets[b]).any(axis=2).sum() > 50


def test_an_image_that_went_away_leaves_a_tile_that_says_so(tmp_path: Path) -> None:
    folder = convert_faces(tmp_path / "set", range(3), TRAIN)
    (folder / "images/train/1.jpg").unlink()
    (tmp_path / "out").mkdir()
    assert len(view_set(folder, tmp_path / "out")) == 4


def test_masked_copies_are_told_from_listed_ones(tmp_path: Path) -> None:
    raw = RawExpw(tmp_path / "raw")
    raw.face("a.jpg", seed=1)
    raw.row("a.jpg", (70, 10, 110, 50), score=20)
    options = replace(TRAIN, unlabelled=Unlabelled.MASK)
    converted = open_converted_set(convert_raw(raw, tmp_path / "set", options))
    sampled_faces = sample_faces(converted, ("train",), 9, 0).face_samples["train", None].drawn()
    assert [sampled_face.masked for sampled_face in sampled_faces] == [True]


def test_the_folders_are_numbered_and_wrong_usage_is_named(tmp_path: Path) -> None:
    folder = convert_faces(tmp_path / "set", range(3), TRAIN)
    done = yolo_fer("view", folder, "--split", "train", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "pictures in runs/view\n" in done.stderr
    assert (tmp_path / "runs" / "view" / "plots.png").is_file()
    with pytest.raises(UsageError, match="choose one of train, val, test"):
        view_set(folder, tmp_path, split="valid")
    with pytest.raises(YoloFerError, match="no labelled face in test"):
        view_set(folder, tmp_path, split="test")
    with pytest.raises(YoloFerError, match="not a converted set"):
        view_set(tmp_path / "runs", tmp_path)
