from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.raw_materials import raw_materials
from tests.tools.shipping.test_overlap import crop_of
from tools.shipping.materials import Materials
from tools.shipping.pools import fer_crops
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.errors import YoloFerError


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> Materials:
    folder = tmp_path_factory.mktemp("materials")
    materials = Materials(raw_materials(folder / "raw"), folder / "work")
    materials.convert(workers=1)
    return materials


def test_what_is_measured_on_is_never_learned_from(materials: Materials) -> None:
    learned = {picture.name for picture in materials.photographs()}
    rows = open_converted_set(materials.expw).rows()
    held_out = {row.source_file for row in rows if row.split != "train"}
    assert learned
    assert held_out
    assert not learned & held_out


def test_faces_below_the_minimum_score_are_learned_from(materials: Materials) -> None:
    low = {f"{seed}.jpg" for seed in range(0, 30, 5)}
    assert low & {picture.name for picture in materials.photographs()}


def test_every_labelled_face_of_the_validation_split_is_measured_on(materials: Materials) -> None:
    pictures = materials.validation_photographs()
    rows = [row for row in open_converted_set(materials.expw).rows() if row.split == "val"]
    assert sum(len(picture.boxes) for picture in pictures) == sum(row.faces for row in rows) > 0


def test_frames_of_videos_are_thinned_out(materials: Materials) -> None:
    assert len(materials.frames()) == 3, "every fourth of nine"


def test_votes_are_soft_labels(materials: Materials) -> None:
    train, val = materials.fer("train"), materials.fer("val")
    assert len(train) + len(val) == 90, "not the ten of PublicTest"
    sad = next(p for p in train if p.targets[0].argmax() == 4)
    np.testing.assert_allclose(sad.targets[0], [0, 0, 0, 0, 0.8, 0, 0.2], atol=1e-6)


def test_a_training_row_that_copies_a_test_row_is_left_out(tmp_path: Path) -> None:
    raw = raw_materials(tmp_path / "raw")
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
    materials = Materials(raw, materials.work)
    pixels = crop_of(materials.measured_on()[0]).pixels
    table, votes = (raw / "fer2013" / name for name in ("fer2013.csv", "fer2013new.csv"))
    with table.open("a") as rows, votes.open("a") as counts:
        rows.write(f"3,{' '.join(map(str, pixels.ravel()))},Training\n")
        counts.write("Training,fer.png," + ",".join(["0", "10"] + ["0"] * 8) + "\n")
    read = {crop.name for split in ("train", "val") for crop in fer_crops(table, votes, split)}
    assert "fer2013.csv:102" in read
    assert "fer2013.csv:102" not in {crop.name for crop in materials.fer("train")}


def test_posed_faces_teach_no_boxes(materials: Materials) -> None:
    posed = materials.posed()
    assert len(posed) == 7
    assert not any(picture.exact for picture in posed)


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
    (raw / "affwild2").rename(raw / "elsewhere")
    with pytest.raises(YoloFerError, match="holds no folder affwild2"):
        Materials(raw, tmp_path / "work")
