from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.drawn_crops import drawn_crop
from tests.helpers.raw_fer2013 import Files, pixels, row, votes
from yolo_fer.crops.crop_set import Crops, DataChoice, class_names
from yolo_fer.crops.labelled_crops import describe_dropped, read_all, read_splits
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import UsageError, YoloFerError


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "raw")


def choice(
    root: Path,
    votes: Path | None = None,
    *,
    contempt: bool = False,
    channels: int = 1,
    size: int = 48,
    group_by: str | None = None,
) -> DataChoice:
    pattern = re.compile(group_by) if group_by else None
    return DataChoice(root, votes, class_names(contempt), channels, size, pattern)


def read(chosen: DataChoice) -> tuple[dict[str, Crops], Counter[str]]:
    dropped: Counter[str] = Counter()
    splits = read_splits(chosen, dropped)
    return splits, +dropped


def test_public_test_is_the_test_and_validation_comes_out_of_training(files: Files) -> None:
    table = files.table(*(row(i) for i in range(60)), row(100, usage="PublicTest"))
    splits, dropped = read(choice(table))
    assert len(splits["test"]) == 1
    assert 0 < len(splits["val"]) < 15
    assert sum(map(len, splits.values())) == 61
    assert not dropped


def test_the_private_test_is_in_no_split_and_nothing_like_it_is_learned(files: Files) -> None:
    rows = [row(seed) for seed in range(20)]
    table = files.table(*rows, row(30, usage="PublicTest"), row(40, usage="PrivateTest"), row(40))
    splits, dropped = read(choice(table))
    assert len(splits["test"]) == 1
    assert len(splits["train"]) + len(splits["val"]) == 20
    assert dropped["private_test"] == 1
    assert dropped["copy_of_another_split"] == 1


def test_pixels_and_labels_are_those_of_the_csv_file(files: Files) -> None:
    table = files.table("3," + pixels(5) + ",PublicTest")
    crops = read(choice(table))[0]["test"]
    assert " ".join(map(str, crops.pixels[0, 0].ravel().tolist())) == pixels(5)
    assert crops.names[crops.labels[0]] == "happiness"
    assert crops.targets[0].tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_a_training_face_that_looks_like_a_test_face_is_left_out(files: Files) -> None:
    table = files.table(row(1), row(2), row(1, usage="PublicTest"))
    splits, dropped = read(choice(table))
    assert sum(map(len, splits.values())) == 2
    assert dropped == {"copy_of_another_split": 1}


def test_votes_become_shares_and_their_majority_the_label(files: Files) -> None:
    usage = "PublicTest"
    table = files.table(*(row(i, usage=usage) for i in range(5)))
    ballots = files.votes(
        votes(usage, happiness=6, surprise=2, neutral=2),
        votes(usage, anger=5, disgust=5),  # nobody wins: a target without a label
        votes(usage, nf=6, anger=4),
        votes(usage, contempt=8, neutral=2),
        votes(usage, sadness=6, unknown=4),
    )
    splits, dropped = read(choice(table, ballots))
    test = splits["test"]
    np.testing.assert_allclose(test.targets[0], [0, 0, 0, 0.6, 0, 0.2, 0.2], atol=1e-6)
    np.testing.assert_allclose(test.targets[2], np.eye(7)[Emotion.SADNESS])
    assert test.labels.tolist() == [Emotion.HAPPINESS, -1, Emotion.SADNESS]
    assert len(test.labelled()) == 2
    assert dropped == {"other_class": 2}


def test_contempt_is_an_eighth_class_if_it_is_wanted(files: Files) -> None:
    table = files.table(row(0, usage="PublicTest"))
    ballots = files.votes(votes("PublicTest", contempt=8, neutral=2))
    test = read(choice(table, ballots, contempt=True))[0]["test"]
    assert test.names == (*EMOTION_NAMES, "contempt")
    assert test.labels.tolist() == [7]
    assert test.counts()["contempt"] == 1


def test_bad_rows_are_counted_by_reason(files: Files) -> None:
    table = files.table(
        row(0), "3,1 2 3,Training", row(1, emotion=9), row(2, usage="Holiday"), row(3)
    )
    splits, dropped = read(choice(table))
    assert sum(map(len, splits.values())) == 2
    assert dropped == {"wrong_pixel_count": 1, "unknown_label": 1, "unknown_usage": 1}
    assert describe_dropped(dropped) == "1 unknown label, 1 unknown usage, 1 wrong pixel count"


def write(path: Path, image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image)


def test_grey_alpha_and_tiny_files_of_a_folder_are_read_and_bad_ones_counted(
    tmp_path: Path,
) -> None:
    colour = drawn_crop(Emotion.ANGER, 1, side=90)
    write(tmp_path / "Angry" / "colour.png", colour)
    write(tmp_path / "Angry" / "grey.png", np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)))
    write(tmp_path / "happy" / "alpha.png", np.dstack([colour, colour[..., 0]]))
    write(tmp_path / "happy" / "tiny.png", colour[:1, :1])
    write(tmp_path / "dogs" / "rex.png", colour)
    whole = (tmp_path / "Angry" / "colour.png").read_bytes()
    (tmp_path / "happy" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "happy" / "empty.png").write_bytes(b"")
    dropped: Counter[str] = Counter()
    crops = read_all(choice(tmp_path, channels=3, size=64), dropped)
    assert crops.pixels.shape == (4, 3, 64, 64)
    assert crops.counts()["anger"] == crops.counts()["happiness"] == 2
    assert dropped == {"truncated_image": 1, "empty_image": 1, "other_class": 1}


def test_faces_that_do_not_fit_in_the_memory_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        write(tmp_path / "happy" / f"{number}.png", drawn_crop(Emotion.HAPPINESS, number))
    inside = read_all(choice(tmp_path, size=32), Counter())
    monkeypatch.setattr("yolo_fer.crops.labelled_crops._IN_MEMORY", 0)
    outside = read_all(choice(tmp_path, size=32), Counter())
    assert isinstance(outside.pixels, np.memmap)
    assert isinstance(outside.labelled().pixels, np.memmap)
    assert np.array_equal(inside.pixels, outside.pixels)
    assert inside.sha256() == outside.sha256()


def test_colours_are_rgb(tmp_path: Path) -> None:
    red = np.zeros((40, 40, 3), np.uint8)
    red[..., 2] = 200
    write(tmp_path / "sad" / "red.png", red)
    crops = read_all(choice(tmp_path, channels=3, size=32), Counter())
    assert crops.pixels[0, :, 0, 0].tolist() == [200, 0, 0]


def test_a_person_is_never_on_both_sides(tmp_path: Path) -> None:
    for person in range(12):
        for number, emotion in enumerate((Emotion.FEAR, Emotion.NEUTRAL, Emotion.SADNESS)):
            image = drawn_crop(emotion, 10 * person + number)
            write(tmp_path / emotion.label / f"S{person:03}_{number}.png", image)
    splits, _ = read(choice(tmp_path, group_by=r"S(\d+)_"))
    assert all(len(crops) % 3 == 0 for crops in splits.values())
    assert len(splits["train"]) > 0


def test_contempt_of_a_folder_is_a_class_if_it_is_wanted(tmp_path: Path) -> None:
    write(tmp_path / "contempt" / "a.png", drawn_crop(Emotion.NEUTRAL, 1))
    write(tmp_path / "anger" / "b.png", drawn_crop(Emotion.ANGER, 2))
    dropped: Counter[str] = Counter()
    assert len(read_all(choice(tmp_path), dropped)) == 1
    assert dropped == {"other_class": 1}
    assert read_all(choice(tmp_path, contempt=True), Counter()).counts()["contempt"] == 1


def test_a_set_without_a_usable_face_is_an_error(files: Files, tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match="1 unknown label"):
        read(choice(files.table(row(0, emotion=9))))
    with pytest.raises(UsageError, match="`ferplus`"):
        choice(tmp_path, tmp_path / "fer2013new.csv")
