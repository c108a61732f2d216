"""Looking at one image with its label file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.saved_images import saved
from yolo_fer.dataset.coco import UNLABELLED, CocoAnnotation, CocoImage
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.emotions import Emotion
from yolo_fer.inspect.image_check import CheckTask, ImageFindings, examine_images

IMAGE = saved("PNG")  # 60 x 40 pixels
BOX = (15.0, 10.0, 30.0, 20.0)
LABEL = "3 0.5 0.5 0.5 0.5\n"
HAPPY = CocoAnnotation(Emotion.HAPPINESS + 1, BOX, False)


def looked_at(
    folder: Path,
    label: str | None = LABEL,
    *,
    coco: CocoImage | None = None,
    file: Fingerprint | None = None,
    image: bytes | None = IMAGE,
) -> ImageFindings:
    path = folder / "a.png"
    if image is not None:
        path.write_bytes(image)
    if label is not None:
        path.with_suffix(".txt").write_text(label)
    known = file or Fingerprint("", "")
    task = CheckTask("a.png", path, path.with_suffix(".txt"), known, coco)
    (found,) = examine_images([task], {e.value: e for e in Emotion}, {})
    return found


def wrong(found: ImageFindings) -> list[str]:
    return [name for name, _ in found.wrong]


def test_a_good_image_has_its_hashes_and_its_faces_counted(tmp_path: Path) -> None:
    found = looked_at(tmp_path, coco=CocoImage("a.png", 60, 40, (HAPPY,)))
    assert found.wrong == ()
    assert (len(found.digest), len(found.phash)) == (16, 32)
    assert found.faces == tuple(int(e is Emotion.HAPPINESS) for e in Emotion)


def test_a_file_with_its_noted_hash_need_not_be_decoded(tmp_path: Path) -> None:
    noted = Fingerprint(Fingerprint.of(IMAGE).sha256, "ab" * 32)
    assert looked_at(tmp_path, file=noted).phash == bytes.fromhex("ab" * 32)
    changed = looked_at(tmp_path, file=noted, image=saved("PNG", compress_level=0))
    assert wrong(changed) == ["sha256"]
    assert changed.phash == looked_at(tmp_path).phash, "then its own pixels tell"


@pytest.mark.parametrize(
    ("image", "expected"), [(None, "images"), (b"no image", "images"), (IMAGE[:-30], "images")]
)
def test_an_image_that_cannot_be_used_still_has_its_labels_read(
    tmp_path: Path, image: bytes | None, expected: str
) -> None:
    found = looked_at(tmp_path, image=image)
    assert wrong(found) == [expected]
    assert (found.phash, sum(found.faces)) == (b"", 1)


def test_a_file_that_was_noted_and_is_gone_is_missing(tmp_path: Path) -> None:
    gone = looked_at(tmp_path, label=None, image=None, file=Fingerprint("0" * 64, ""))
    assert wrong(gone) == ["missing_files", "missing_files"], "the image, and its label file"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (None, ["label_files"]),
        ("3 0.5 0.5 nan 0.5\n", ["labels"]),
        ("3 0.9 0.5 0.4 0.5\n", ["boxes_inside"]),
        ("3 0.5 0.5 0.1 0.5\n", ["boxes_usual"]),  # 6 pixels
        ("3 0.5 0.5 1 1\n", ["boxes_usual"]),  # the whole image
        ("3 0.5 0.5 0.5 0.3\n", ["boxes_usual"]),  # 30 to 12
        ("", []),
    ],
)
def test_labels_and_boxes_are_judged(
    tmp_path: Path, label: str | None, expected: list[str]
) -> None:
    assert wrong(looked_at(tmp_path, label)) == expected


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ((), ["coco_boxes"]),
        ((CocoAnnotation(1, BOX, False),), ["coco_boxes"]),
        ((CocoAnnotation(4, (15.3, 10, 30, 20), False),), ["coco_boxes"]),
        ((CocoAnnotation(9, BOX, False),), ["coco", "coco_boxes"]),
        ((HAPPY, CocoAnnotation(UNLABELLED["id"], (0, 0, 20, 20), True)), []),
        ((HAPPY, CocoAnnotation(1, (0, 0, 20, 20), True)), ["ignored"]),
        ((HAPPY, CocoAnnotation(UNLABELLED["id"], (50, 0, 20, 20), True)), ["boxes_inside"]),
    ],
)
def test_the_coco_file_says_what_the_labels_say(
    tmp_path: Path, annotations: tuple[CocoAnnotation, ...], expected: list[str]
) -> None:
    assert wrong(looked_at(tmp_path, coco=CocoImage("a.png", 60, 40, annotations))) == expected


def test_the_size_in_the_coco_file_is_that_of_the_image(tmp_path: Path) -> None:
    found = looked_at(tmp_path, coco=CocoImage("a.png", 61, 40, (HAPPY,)))
    assert ("coco_sizes", "is 60x40, listed as 61x40") in found.wrong
    assert np.isin(wrong(found), ["coco_sizes", "coco_boxes"]).all()
