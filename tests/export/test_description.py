"""What an exported file says about itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from yolo_fer.detector.network import OWN_KEY
from yolo_fer.export.description import describe, files_of, with_files
from yolo_fer.export.formats import Precision

THEIRS = {
    "names": {0: "anger"},
    "stride": 32,
    "imgsz": [320, 416],
    "date": "2026-01-01",
    "docs": "https://example.org",
    "description": "trained on /home/me/faces/data.yaml",
    "args": {"half": False, "data": "/home/me/faces/data.yaml"},
}
OWN = {"face_conf": 0.25, "box_convention": "expw"}


def own(dynamic: bool, precision: Precision = Precision.FP32) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(describe(THEIRS, OWN, precision, dynamic)[OWN_KEY])
    return found


def test_two_exports_of_the_same_weights_do_not_differ_by_their_date_or_place() -> None:
    described = describe(THEIRS, OWN, Precision.FP32, dynamic=True)
    assert "/home/me" not in str(described)
    assert "2026" not in str(described)
    assert (described["names"], described["args"]) == ({0: "anger"}, {"half": False})


def test_what_the_checkpoint_says_under_our_key_is_kept() -> None:
    assert own(dynamic=True).items() >= OWN.items()


@pytest.mark.parametrize(
    ("dynamic", "images", "sizes"),
    [(True, "any number", "each side a multiple of 32"), (False, "1", "height 320, width 416")],
)
def test_it_says_how_large_its_input_is_and_how_many_images_it_takes(
    dynamic: bool, images: str, sizes: str
) -> None:
    said = own(dynamic)
    assert said["input"].startswith(f"({images}, 3, height, width) RGB, 0 to 1; {sizes};")
    assert said["output"].startswith(f"({images}, 4 + classes, N)")


@pytest.mark.parametrize("precision", Precision)
def test_it_says_in_which_numbers_it_computes(precision: Precision) -> None:
    assert own(dynamic=True, precision=precision)["precision"] == precision.value


def test_a_checkpoint_without_arguments_of_its_training_is_described_too() -> None:
    assert describe({**THEIRS, "args": None}, {}, Precision.FP32, False)["args"] == {}


def test_the_files_of_a_folder_are_listed_in_it_beside_what_it_says() -> None:
    described = with_files(describe(THEIRS, OWN, Precision.FP32, dynamic=True), ["b.bin", "\udcff"])
    assert files_of(described) == {"b.bin", "\udcff"}
    assert json.loads(described[OWN_KEY])["face_conf"] == OWN["face_conf"]
    assert files_of(with_files(THEIRS, ["a.xml"])) == {"a.xml"}


@pytest.mark.parametrize("own", [None, "", "{", "[]", "5", "{}", '{"files": 5}'])
def test_a_damaged_list_of_files_names_none(own: str | None) -> None:
    assert files_of({OWN_KEY: own}) == frozenset()
    assert files_of({}) == frozenset()
