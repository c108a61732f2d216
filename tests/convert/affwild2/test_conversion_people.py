"""Whose label a face gets, where a video shows several people."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.converted import rows as manifest
from tests.helpers.converted_affwild2 import ANGER, FEAR, HAPPINESS, IGNORE, TWO, convert, faces
from tests.helpers.raw_affwild2 import ANN, BEN, STRANGER, RawAffwild2
from tests.helpers.research_data import research_data
from yolo_fer import images
from yolo_fer.convert.affwild2.conversion import convert_affwild2
from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.errors import YoloFerError

THREE = {**TWO, STRANGER: (160, 150, 60)}


def test_both_label_files_of_a_video_name_their_own_person(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("30-30-320x240.mp4", [TWO] * 5)
    affwild2.labels("30-30-320x240_left", [HAPPINESS] * 5)
    affwild2.labels("30-30-320x240_right", [FEAR] * 4 + [-1])
    affwild2.video("video2.mp4", [TWO] * 3)
    affwild2.labels("video2", [ANGER] * 3)
    affwild2.labels("video2_right", [HAPPINESS] * 3)
    report = convert(affwild2, tmp_path / "out", IGNORE)
    assert report["faces_out"] == 15
    assert report["images_out"] == 8
    for name, found in faces(tmp_path / "out").items():
        sides = {emotion: "left" if x < 0.5 else "right" for emotion, x, _ in found}
        if name.startswith("video2"):
            assert sides == {"anger": "left", "happiness": "right"}, name
        else:
            assert sides["happiness"] == "left", name
            assert name.endswith("00005") or sides["fear"] == "right", name
    last = next(r for r in manifest(tmp_path / "out") if r["file"].endswith("30-320x240/00005.jpg"))
    assert (last["faces"], last["ignored"]) == ("1", "1"), "a person without a label is nobody"


def test_faces_that_nobody_labelled_are_treated_as_the_option_says(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("a.mp4", [TWO] * 3)
    affwild2.labels("a", [ANGER] * 3)
    affwild2.video("b.mp4", [TWO] * 3)
    affwild2.labels("b", [ANGER] * 3, "Validation_Set")
    right = slice(90, 130), slice(225, 255)
    pixels = {}
    for mode in Unlabelled:
        options = Affwild2Options(unlabelled=mode, test=1)
        out = tmp_path / mode
        if mode is Unlabelled.DROP:
            with pytest.raises(YoloFerError, match="image_with_unlabelled_faces"):
                convert(affwild2, out, options)
            continue
        convert(affwild2, out, options)
        rows = {r["group"]: r for r in manifest(out)}
        ignored = "0" if mode is Unlabelled.KEEP else "1"
        assert {r["ignored"] for r in rows.values()} == {ignored}
        assert rows["a"]["flags"] == ("masked" if mode is Unlabelled.MASK else "")
        pixels[mode] = {g: images.read(out / r["file"])[right] for g, r in rows.items()}
    assert np.abs(pixels[Unlabelled.MASK]["a"].astype(int) - 114).max() < 12
    for mode, video in ((Unlabelled.MASK, "b"), (Unlabelled.IGNORE, "a"), (Unlabelled.KEEP, "a")):
        assert pixels[mode][video].std() > 12, "never painted: test images, and other modes"


def test_of_three_people_the_two_who_are_labelled_get_the_labels(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("a.mp4", [TWO] * 3 + [THREE] * 4)
    affwild2.labels("a_left", [HAPPINESS] * 7)
    affwild2.labels("a_right", [FEAR] * 7)
    report = convert(affwild2, tmp_path / "out")
    assert report["faces_out"] == 14
    for found in faces(tmp_path / "out").values():
        assert [(e, x < 0.5) for e, x, _ in found] == [("happiness", True), ("fear", False)]
    assert [r["ignored"] for r in manifest(tmp_path / "out")] == ["0"] * 3 + ["1"] * 4


def test_people_who_cross_get_no_label_that_could_be_the_other_one_s(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    steps = np.linspace(0, 1, 41)
    way = [{ANN: (60 + 200 * s, 110, 90), BEN: (260 - 200 * s, 110, 90)} for s in steps]
    affwild2.video("a.mp4", way)
    affwild2.labels("a_left", [HAPPINESS] * 41)
    affwild2.labels("a_right", [FEAR] * 41)
    report = convert(affwild2, tmp_path / "out", IGNORE)
    for name, found in faces(tmp_path / "out").items():
        step = steps[int(name[-5:]) - 1]
        centres = {"happiness": 60 + 200 * step, "fear": 260 - 200 * step}
        for emotion, x, _ in found:
            assert x * 320 == pytest.approx(centres[emotion], abs=20), name
            assert (emotion == "happiness") == (x < 0.5), name
    assert report["faces_out"] >= 24
    assert report["dropped"]["doubt"] >= 30


def test_a_stranger_who_is_larger_for_some_frames_gets_no_label(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    passing = {ANN: (80, 110, 80), STRANGER: (240, 110, 120)}
    affwild2.video("a.mp4", [{ANN: (80, 110, 80)}] * 10 + [passing] * 5 + [{}] * 2 + [passing] * 3)
    affwild2.labels("a", [ANGER] * 20)
    report = convert(affwild2, tmp_path / "out", IGNORE)
    assert report["dropped"] == {"no_face": 2}
    assert all(x < 0.4 for found in faces(tmp_path / "out").values() for _, x, _ in found)


def test_every_face_of_the_research_data_is_boxed_on_the_right_person(tmp_path: Path) -> None:
    from yolo_fer.emotions import AFFWILD2

    options = replace(IGNORE, frames=FrameChoice(stride=5))
    options = replace(options, cache=tmp_path / "c")
    report = convert_affwild2(research_data("affwild2"), tmp_path / "out", options)
    assert report is not None
    found = {name: rows for s in ("train", "val", "test")
             for name, rows in faces(tmp_path / "out", s).items()}  # fmt: skip
    truth: dict[str, list[tuple[str, str]]] = {}
    with research_data("affwild2/truth.csv").open() as file:
        for row in csv.DictReader(file):
            if (int(row["frame"]) - 1) % 5 == 0:
                name = f"{row['video']}/{int(row['frame']):05d}"
                emotion = AFFWILD2[int(row["label"])].label
                truth.setdefault(name, []).append((row["side"], emotion))
    right = 0
    for name, rows in found.items():
        for emotion, x, _ in rows:
            sides = ("all", "left" if x < 0.5 else "right")
            assert any((side, emotion) in truth[name] for side in sides), name
            right += 1
    assert right >= 0.99 * sum(map(len, truth.values()))
