from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.shipping.raw_materials import raw_materials
from yolo_fer.convert.converted_set import open_converted_set
from yolo_fer.errors import YoloFerError
from yolo_fer.shipping.materials import Materials


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


def test_posed_faces_teach_no_boxes(materials: Materials) -> None:
    posed = materials.posed()
    assert len(posed) == 7
    assert not any(picture.exact for picture in posed)


def test_a_second_conversion_does_nothing(materials: Materials) -> None:
    written = materials.expw / "data.yaml"
    before = written.stat().st_mtime_ns
    materials.convert(workers=1)
    assert written.stat().st_mtime_ns == before


def test_a_dataset_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "expw").mkdir()
    with pytest.raises(YoloFerError, match="holds no folder affwild2"):
        Materials(tmp_path, tmp_path / "work")
