from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.raw_materials import raw_materials
from tests.helpers.shared_faces import crop_of
from tools.shipping.materials import DATASETS, Materials
from tools.shipping.pictures import Picture
from tools.shipping.pools import fer_crops, film_of, labelled_faces, person_of
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError

Parts = tuple[dict[str, list[Picture]], dict[str, list[Picture]]]


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> Materials:
    folder = tmp_path_factory.mktemp("materials")
    materials = Materials(raw_materials(folder / "raw"), folder / "work")
    materials.convert(workers=1)
    return materials


@pytest.fixture(scope="module")
def parts(materials: Materials) -> Parts:
    return materials.read()


def test_every_dataset_is_learned_from(parts: Parts) -> None:
    train, _ = parts
    assert {name for name, pictures in train.items() if pictures} == set(DATASETS)


def test_what_is_measured_on_is_never_learned_from(materials: Materials, parts: Parts) -> None:
    learned = {picture.name for picture in parts[0]["expw"]}
    rows = open_converted_set(materials.expw).rows()
    held_out = {row.source_file for row in rows if row.split != "train"}
    assert learned
    assert held_out
    assert not learned & held_out


def test_persons_and_films_are_on_one_side(parts: Parts) -> None:
    for name, group in (("ck48", person_of), ("sfew", film_of)):
        train, val = ({group(picture) for picture in part[name]} for part in parts)
        assert not train & val


def test_faces_below_the_minimum_score_are_learned_from(parts: Parts) -> None:
    low = {f"{seed}.jpg" for seed in range(0, 30, 5)}
    assert low & {picture.name for picture in parts[0]["expw"]}


def test_the_largest_face_of_a_frame_has_its_label(parts: Parts) -> None:
    frames = [picture for part in parts for picture in part["sfew"]]
    assert len(frames) == 21
    for frame in frames:
        sides = frame.boxes[:, 2] - frame.boxes[:, 0]
        assert np.isfinite(frame.targets[0]).all()
        assert sides[0] == sides.max()
        assert np.isnan(frame.targets[1:]).all()


def test_numbers_of_rafdb_and_two_opinions_of_affectnet_become_labels(
    materials: Materials, tmp_path: Path
) -> None:
    raw = Path(shutil.copytree(materials.raw, tmp_path / "raw"))
    (raw / "affectnet" / "labels.csv").write_text(
        "pth,label\nanger/0.png,disgust\nfear/1.png,fear\nfear/2.png,contempt\n"
    )
    train, val = Materials(raw, materials.work).read()
    named = {p.name: p.targets[0] for p in [*train["affectnet"], *val["affectnet"]]}
    if "anger/0.png" in named:
        two = named["anger/0.png"]
        assert two[Emotion.ANGER] == pytest.approx(two[Emotion.DISGUST])
        assert two[Emotion.ANGER] > 0.4
    assert all(label.argmax() == Emotion.FEAR for name, label in named.items() if "fear" in name)
    raf = [*train["rafdb"], *val["rafdb"]]
    assert len(raf) == 28, "not the test face"
    for picture in raf:
        number = int(Path(picture.name).name.split("_")[1])
        assert picture.targets[0].argmax() == number % 7


def test_votes_are_soft_labels(parts: Parts) -> None:
    train, val = (part["fer2013"] for part in parts)
    assert len(train) + len(val) == 90, "not the ten of PublicTest"
    sad = next(p for p in train if p.targets[0].argmax() == 4)
    np.testing.assert_allclose(sad.targets[0], [0, 0, 0, 0, 0.8, 0, 0.2], atol=1e-6)


def test_a_training_row_that_copies_a_test_row_is_left_out(tmp_path: Path) -> None:
    raw = raw_materials(tmp_path / "raw", photographs=1)
    for name in ("fer2013.csv", "fer2013new.csv"):
        path = raw / "fer2013" / name
        header, *rows = path.read_text().splitlines()
        copied = rows[9].replace("PublicTest", "Training")
        # the test row itself names no emotion, and its copy is still a copy
        if name == "fer2013new.csv":
            rows[9] = "PublicTest,fer.png," + ",".join(["0"] * 8 + ["10", "0"])
        path.write_text("\n".join([header, *rows, copied]) + "\n")
    table = raw / "fer2013" / "fer2013.csv"
    for split in ("train", "val"):
        names = {crop.name for crop in fer_crops(table, table.with_name("fer2013new.csv"), split)}
        assert "fer2013.csv:102" not in names


def test_a_crop_of_a_photograph_that_is_measured_on_is_left_out(
    materials: Materials, tmp_path: Path
) -> None:
    raw = Path(shutil.copytree(materials.raw, tmp_path / "raw"))
    shared = crop_of(labelled_faces(materials.expw, "val")[0]).pixels
    cv2.imwrite(str(raw / "ck48" / "anger" / "S009_1.png"), shared)
    told: list[str] = []
    train, val = Materials(raw, materials.work).read(told.append)
    assert "ck48: 1 faces that ExpW is measured on" in told
    assert not any("S009" in picture.name for picture in [*train["ck48"], *val["ck48"]])


def test_a_second_conversion_does_nothing(materials: Materials) -> None:
    written = materials.expw / "data.yaml"
    before = written.stat().st_mtime_ns
    materials.convert(workers=1)
    assert written.stat().st_mtime_ns == before


def test_what_is_missing_is_named_before_anything_is_done(tmp_path: Path) -> None:
    raw = raw_materials(tmp_path / "raw", photographs=1, crops=1)
    (raw / "fer2013" / "fer2013new.csv").unlink()
    with pytest.raises(YoloFerError, match=r"fer2013new\.csv is missing"):
        Materials(raw, tmp_path / "work")
    (raw / "sfew").rename(raw / "elsewhere")
    with pytest.raises(YoloFerError, match="holds no folder sfew"):
        Materials(raw, tmp_path / "work")
