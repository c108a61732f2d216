"""Checking sets of other tools, which have neither a manifest nor a ledger."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.helpers.converted import recompressed
from tests.helpers.damage import failed, warned
from tests.helpers.raw_expw import picture
from yolo_fer.inspect.set_check import check_set


def plain(root: Path) -> Path:
    """Write a data.yaml as others do, with a folder of images and labels for each split."""
    for split, seeds in (("train", range(7)), ("valid", range(20, 27))):
        (root / split / "images").mkdir(parents=True)
        (root / split / "labels").mkdir()
        for i, seed in enumerate(seeds):
            (root / split / "images" / f"{seed}.jpg").write_bytes(recompressed(picture(seed), 90))
            (root / split / "labels" / f"{seed}.txt").write_text(f"{i} 0.4 0.5 0.3 0.4\n")
    (root / "data.yaml").write_text(
        "train: train/images\nval: valid/images\n"
        "names: [Angry, disgust, fear, Happy, sad, surprise, neutral]\n"
    )
    return root


def test_a_plain_set_gets_the_checks_that_make_sense(tmp_path: Path) -> None:
    root = plain(tmp_path)
    findings = check_set(root)
    assert failed(findings) == warned(findings) == set()
    assert (findings.converted, findings.images, findings.faces) == (False, 14, 14)
    assert "ledger" not in findings.checks
    assert check_set(root / "data.yaml").checks == findings.checks
    (root / "valid/images/20.jpg").write_bytes((root / "train/images/0.jpg").read_bytes())
    (root / "train/images/1.jpg").write_bytes(b"no image")
    (root / "train/labels/2.txt").write_text("9 0.5 0.5 0.2 0.2\n")
    (root / "train/labels/3.txt").unlink()
    (root / "train/labels/lonely.txt").write_text("")
    findings = check_set(root)
    assert failed(findings) == {"identical", "near_duplicates", "images", "labels"}
    assert warned(findings) == {"label_files", "classes"}
    assert findings.checks["label_files"].found == 2


def test_a_link_from_one_split_into_another_is_a_leak(tmp_path: Path) -> None:
    root = plain(tmp_path)
    (root / "valid" / "images" / "more").symlink_to(root / "train" / "images")
    assert "identical" in failed(check_set(root))


def test_a_plain_set_whose_folders_are_missing_fails(tmp_path: Path) -> None:
    root = plain(tmp_path)
    shutil.rmtree(root / "valid")
    assert failed(check_set(root)) == {"data_yaml"}
