from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.converted import classes, contents, dropped, labels, split_of_file
from tests.helpers.converted import rows as manifest
from tests.helpers.drawn_crops import drawn_crop, drawn_photograph
from tests.helpers.drawn_sets import encoded, release_2021, write_csv, write_image
from yolo_fer.convert.affectnet import convert_affectnet
from yolo_fer.convert.labelled_images import ImageOptions
from yolo_fer.convert.options import Run
from yolo_fer.convert.votes import ballot_of
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.emotions import AFFECTNET, Emotion
from yolo_fer.errors import YoloFerError

ALL_TRAIN = ImageOptions(shares=SplitShares(0.0, 0.0))
HEADER = [
    "subDirectory_filePath", "face_x", "face_y", "face_width", "face_height", "facial_landmarks",
    "expression", "valence", "arousal",
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "raw"
    path.mkdir()
    return path


def convert(root: Path, out: Path, options: ImageOptions = ALL_TRAIN) -> dict[str, Any]:
    before = contents(root)
    report = convert_affectnet(root, out, options)
    assert report is not None
    assert contents(root) == before, "a source file changed"
    assert report["rows_in"] == report["faces_out"] + sum(report["dropped"].values())
    return report


def votes_of(out: Path) -> dict[str, str]:
    """The ballot of each source file."""
    return {
        file: ballot
        for row in manifest(out)
        for file, ballot in zip(
            row["source_file"].split("|"), row["flags"].split("votes:")[1].split("+"), strict=True
        )
    }


def crop(root: Path, file: str, seed: int) -> Path:
    return write_image(root / file, drawn_crop(Emotion.HAPPINESS, seed, 96))


def csv_row(file: str, expression: Any, box: tuple[Any, ...] = (61, 65, 90, 90)) -> list[Any]:
    return [file, *box, "1;2", expression, 0.1, 0.2]


def test_the_numbers_are_affectnets_own() -> None:
    names = {number: emotion.label for number, emotion in AFFECTNET.items()}
    assert names == {
        0: "neutral", 1: "happiness", 2: "sadness", 3: "surprise", 4: "fear", 5: "disgust",
        6: "anger",
    }  # fmt: skip


def test_the_release_of_2021_becomes_scenes_and_its_validation_faces_the_test_split(
    root: Path, tmp_path: Path
) -> None:
    for number in range(7):
        release_2021(root, "train_set", number, str(number))
    release_2021(root, "val_set", 20, "3")
    report = convert(root, tmp_path / "out")
    assert (report["faces_out"], report["dropped"]) == (8, {})
    assert classes(tmp_path / "out") == [0, 1, 2, 3, 4, 5, 6]
    assert classes(tmp_path / "out", "test") == [5]
    assert all("votes:" not in row["flags"] for row in manifest(tmp_path / "out"))


def test_bad_annotations_are_dropped_by_reason(root: Path, tmp_path: Path) -> None:
    release_2021(root, "train_set", 1, 1)  # a number instead of text
    release_2021(root, "train_set", 2, "7")
    release_2021(root, "train_set", 3, "11")
    release_2021(root, "train_set", 4, None)
    release_2021(root, "train_set", 5, "1", image=False)
    release_2021(root, "train_set", 6, ["1", "2"])
    release_2021(root, "train_set", 7, None)
    np.save(root / "train_set" / "annotations" / "7_exp.npy", np.array({"a": 1}))  # a pickle
    release_2021(root, "train_set", 8, None)
    (root / "train_set" / "annotations" / "8_exp.npy").write_bytes(b"")
    release_2021(root, "train_set", 9, "1")
    (root / "train_set" / "images" / "9.jpg").write_bytes(b"no image")
    (root / "train_set" / "annotations" / "1_val.npy").write_bytes(b"not asked for")
    convert(root, tmp_path / "out")
    assert dropped(tmp_path / "out") == {
        "train_set/images/2.jpg": "other_class",
        "train_set/images/3.jpg": "unknown_label",
        "train_set/images/4.jpg": "missing_annotation",
        "train_set/images/5": "missing_image",
        "train_set/images/6.jpg": "bad_annotation",
        "train_set/images/7.jpg": "bad_annotation",
        "train_set/images/8.jpg": "bad_annotation",
        "train_set/images/9.jpg": "not_an_image",
    }


def test_the_release_of_2017_keeps_whole_images_and_composes_those_that_a_face_fills(
    root: Path, tmp_path: Path
) -> None:
    images = root / "Manually_Annotated" / "Manually_Annotated_Images"
    write_image(images / "1/whole.jpg", drawn_photograph(Emotion.HAPPINESS, 1, (90, 50)))
    write_image(images / "2/filled.jpg", drawn_crop(Emotion.HAPPINESS, 2, 96))
    write_image(images / "3/val.jpg", drawn_photograph(Emotion.HAPPINESS, 3, (90,)))
    rows = [csv_row("1/whole.jpg", 6), csv_row("2/filled.jpg", 2, (4, 4, 90, 90))]
    write_csv(root / "lists" / "training.csv", [HEADER, *rows])
    val = csv_row("3/val.jpg", 0, (115, 65, 90, 90))
    write_csv(root / "lists" / "validation.csv", [val])  # as some copies have it: no header
    write_csv(root / "lists" / "automatically_annotated.csv", [HEADER])
    report = convert(root, tmp_path / "out")
    assert report["faces_out"] == 3
    assert any("automatically_annotated.csv is left out" in text for text in report["warnings"])
    found = {row["source_file"].split("/")[-1]: row for row in manifest(tmp_path / "out")}
    assert "scene" in found["filled.jpg"]["flags"]
    assert (found["whole.jpg"]["faces"], found["whole.jpg"]["ignored"]) == ("1", "1")
    assert found["val.jpg"]["split"] == "test"
    (whole,) = (text for name, text in labels(tmp_path / "out").items() if "whole" in name)
    assert whole.startswith("0 ")
    assert float(whole.split()[1]) * 320 == pytest.approx(107, abs=15)


def test_bad_rows_of_a_csv_file_are_dropped_by_reason(root: Path, tmp_path: Path) -> None:
    write_image(root / "images" / "a.jpg", drawn_photograph(Emotion.HAPPINESS, 1, (90, 50)))
    rows = [
        HEADER, csv_row("a.jpg", 1), csv_row("a.jpg", 10), csv_row("a.jpg", "x"),
        csv_row("a.jpg", 1, ("NULL",) * 4), csv_row("a.jpg", 1, (5, 5, 0, 9)),
        csv_row("../a.jpg", 1), csv_row("missing.jpg", 1), csv_row("", 1), ["a.jpg"], [],
    ]  # fmt: skip
    write_csv(root / "training.csv", rows)
    report = convert(root, tmp_path / "out")
    assert report["rows_in"] == 9
    assert report["dropped"] == {
        "invalid_box": 2,
        "malformed_row": 1,
        "missing_image": 1,
        "other_class": 1,
        "unknown_label": 2,
        "unsafe_path": 1,
    }
    write_csv(root / "training.csv", [["file", "label"], ["a.jpg", 1]])
    with pytest.raises(YoloFerError, match="has no column subdirectory_filepath, face_x"):
        convert_affectnet(root, tmp_path / "none", ALL_TRAIN)


def test_two_opinions_are_votes_and_a_face_on_which_they_differ_is_for_training_only(
    root: Path, tmp_path: Path
) -> None:
    for number, name in enumerate(["agreed", "differing", "contempt", "unlabelled", "unlisted"]):
        crop(root, f"train/anger/{name}.webp", number)
        crop(root, f"test/anger/{name}.webp", number + 10)
    second = {"agreed": "angry", "differing": "fear", "contempt": "Contempt", "unlabelled": ""}
    rows = [
        [f"{split}/anger/{name}.webp", label]
        for split in ("train", "test")
        for name, label in second.items()
    ]
    write_csv(root / "labels.csv", [["pth", "label"], *rows])
    out = tmp_path / "out"
    report = convert(root, out)
    assert dropped(out) == {
        "test/anger/contempt.webp": "opinions_differ",
        "test/anger/differing.webp": "opinions_differ",
    }
    assert (classes(out), classes(out, "test")) == ([0] * 5, [0] * 3)
    votes = votes_of(out)
    assert votes["train/anger/agreed.webp"] == ballot_of(["anger", "anger"])
    assert votes["train/anger/differing.webp"] == ballot_of(["anger", "fear"])
    assert votes["train/anger/contempt.webp"] == ballot_of(["anger", "contempt"])
    assert votes["train/anger/unlabelled.webp"] == ballot_of(["anger"])
    assert any("2 rows of labels.csv have the label ''" in text for text in report["warnings"])
    assert any("2 images have no row in labels.csv" in text for text in report["warnings"])


def test_all_votes_on_byte_identical_faces_count_together(root: Path, tmp_path: Path) -> None:
    same = encoded(drawn_crop(Emotion.FEAR, 1, 96), ".webp")
    for file in ("test/fear/a.webp", "test/surprise/b.webp"):
        write_image(root / file, same)
    rows = [["test/fear/a.webp", "surprise"], ["test/surprise/b.webp", "surprise"]]
    write_csv(root / "labels.csv", [["pth", "label"], *rows])
    report = convert(root, tmp_path / "out")
    assert report["dropped"] == {"duplicate_row": 1}
    assert classes(tmp_path / "out", "test") == [Emotion.SURPRISE]
    assert list(votes_of(tmp_path / "out").values()) == [ballot_of(["fear", *["surprise"] * 3])]


def test_rows_of_labels_csv_without_a_file_and_repeated_ones_are_counted(
    root: Path, tmp_path: Path
) -> None:
    crop(root, "happy/a.webp", 1)
    crop(root, "contempt/b.webp", 2)
    rows = [["happy/a.webp", "happy"], ["happy/a.webp", "sad"], ["happy/gone.webp", "sad"]]
    write_csv(root / "labels.csv", [["pth", "label"], *rows])
    report = convert(root, tmp_path / "out")
    assert report["rows_in"] == 4
    assert report["dropped"] == {"duplicate_row": 1, "missing_image": 1, "other_class": 1}
    assert list(votes_of(tmp_path / "out").values()) == [ballot_of(["happiness"] * 2)]
    write_csv(root / "labels.csv", [["file", "label"]])
    with pytest.raises(YoloFerError, match=r"labels.csv has no column pth"):
        convert_affectnet(root, tmp_path / "none", ALL_TRAIN)


def test_a_copy_without_splits_is_dealt_by_near_copies(root: Path, tmp_path: Path) -> None:
    for seed in range(20):
        file = crop(root, f"happy/{seed}.png", seed)
        shutil.copy(file, file.with_name(f"{seed} again.png"))
    report = convert(root, tmp_path / "out", replace(ALL_TRAIN, shares=SplitShares(0.3, 0.3)))
    assert report["dropped"] == {"duplicate_row": 20}
    assert set(split_of_file(tmp_path / "out").values()) == {"train", "val", "test"}


def test_a_root_that_is_no_affectnet_is_an_error_that_names_the_layouts(
    root: Path, tmp_path: Path
) -> None:
    with pytest.raises(YoloFerError, match="is not a folder"):
        convert_affectnet(root / "missing", tmp_path / "out", ALL_TRAIN)
    message = r"neither train_set/images \(2021\) nor training.csv .* nor a folder per emotion"
    with pytest.raises(YoloFerError, match=message):
        convert_affectnet(root, tmp_path / "out", ALL_TRAIN)
    (root / "train_set" / "images").mkdir(parents=True)
    with pytest.raises(YoloFerError, match="holds no face"):
        convert_affectnet(root, tmp_path / "out", ALL_TRAIN)


def test_a_conversion_that_was_stopped_ends_with_the_same_bytes(root: Path, tmp_path: Path) -> None:
    for number in range(40):
        release_2021(root, "train_set", number, str(number % 7))
    convert(root, tmp_path / "whole")
    out = tmp_path / "out"

    def stop(items: Any, description: str, total: int) -> Any:
        if description == "reading labels":
            yield from items
        else:
            yield next(iter(items))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_affectnet(root, out, ALL_TRAIN, Run(progress=stop))
    assert convert_affectnet(root, out, ALL_TRAIN, Run(resume=True)) is not None
    assert contents(out) == contents(tmp_path / "whole")
