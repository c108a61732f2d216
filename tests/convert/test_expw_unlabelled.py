"""ExpW's faces without a row, in each mode."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.converted import rows as manifest
from yolo_fer import images
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.rules import BoxConvention, Unlabelled
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.synthetic.drawn_expw import write_expw


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("drawn")
    write_expw(root, n_images=24, seed=7, unlabelled_share=0.4)
    return root


@pytest.fixture(scope="module")
def converted(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    outs = {}
    for mode in Unlabelled:
        outs[mode.value] = tmp_path_factory.mktemp("out") / mode.value
        options = ExpwOptions(unlabelled=mode, shares=SplitShares(val=0.2, test=0.3))
        report = convert_expw(drawn, outs[mode.value], options)
        assert report is not None
        assert report["rows_in"] == report["faces_out"] + sum(report["dropped"].values())
        assert (report["face_finder"] is None) == (mode is Unlabelled.KEEP)
    return outs


class TestUnlabelledFaces:
    """Drawn scenes in which some faces have no row, and the real RetinaFace."""

    def test_mask_paints_them_in_train_and_val_but_never_in_test(
        self, drawn: Path, converted: dict[str, Path]
    ) -> None:
        painted = {"train": 0, "val": 0, "test": 0}
        for row in manifest(converted["mask"]):
            copy = images.read(converted["mask"] / row["file"])
            original = images.read(drawn / "image" / "origin" / row["source_file"])
            changed = np.abs(copy.astype(int) - original.astype(int)).max() > 60
            painted[row["split"]] += changed
            assert changed == ("masked" in row["flags"])
            assert changed == (row["ignored"] != "0" and row["split"] != "test")
        assert painted["train"] > 0
        assert painted["test"] == 0

    def test_labelled_faces_stay_visible(self, drawn: Path, converted: dict[str, Path]) -> None:
        for split in ("train", "val"):
            coco = json.loads(
                (converted["mask"] / "annotations" / f"instances_{split}.json").read_text()
            )
            sources = {r["file"]: r["source_file"] for r in manifest(converted["mask"])}
            names = {image["id"]: image["file_name"] for image in coco["images"]}
            for annotation in coco["annotations"]:
                if annotation["iscrowd"]:
                    continue
                x, y, w, h = (int(v) for v in annotation["bbox"])
                file = names[annotation["image_id"]]
                inside = np.s_[y + 1 : y + h - 1, x + 1 : x + w - 1]
                copy = images.read(converted["mask"] / file)[inside].astype(int)
                original = images.read(drawn / "image" / "origin" / sources[file])[inside]
                assert np.abs(copy - original).mean() < 4

    def test_mask_and_ignore_list_the_same_faces_as_ignored(
        self, converted: dict[str, Path]
    ) -> None:
        listed = {
            mode: {r["source_file"]: r["ignored"] for r in manifest(converted[mode])}
            for mode in ("mask", "ignore", "keep")
        }
        assert listed["mask"] == listed["ignore"]
        total = {mode: sum(int(n) for n in rows.values()) for mode, rows in listed.items()}
        assert total["keep"] < total["ignore"], "keep lists only the rows below the minimum score"

    def test_drop_leaves_out_images_that_have_any(self, converted: dict[str, Path]) -> None:
        report = json.loads((converted["drop"] / "conversion_report.json").read_text())
        whole = json.loads((converted["ignore"] / "conversion_report.json").read_text())
        assert report["dropped"]["image_with_unlabelled_faces"] > 0
        assert report["images_out"] < whole["images_out"]
        assert {row["ignored"] for row in manifest(converted["drop"])} == {"0"}

    def test_most_of_the_faces_without_a_row_are_found(
        self, drawn: Path, converted: dict[str, Path]
    ) -> None:
        with (drawn / "truth.csv").open(newline="") as file:
            truth = list(csv.DictReader(file))
        assert truth
        found = sum(int(r["ignored"]) for r in manifest(converted["ignore"]))
        kept = sum(int(r["ignored"]) for r in manifest(converted["keep"]))
        assert found - kept >= 5

    def test_the_retinaface_convention_has_smaller_boxes(
        self, drawn: Path, converted: dict[str, Path], tmp_path: Path
    ) -> None:
        options = ExpwOptions(
            unlabelled=Unlabelled.KEEP,
            boxes=BoxConvention.RETINAFACE,
            shares=SplitShares(val=0.2, test=0.3),
        )
        convert_expw(drawn, tmp_path / "tight", options)
        areas = []
        for out in (tmp_path / "tight", converted["keep"]):
            coco = json.loads((out / "annotations" / "instances_train.json").read_text())
            areas.append(np.mean([a["area"] for a in coco["annotations"] if not a["iscrowd"]]))
        assert areas[1] / areas[0] == pytest.approx(1.3, abs=0.15)
