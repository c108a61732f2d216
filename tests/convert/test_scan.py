"""What is known of a source file: its hashes and its size, or why it cannot be used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.helpers.pictures import write_grey
from tests.helpers.saved_images import saved
from yolo_fer.convert.scan import FinderChoice, Scan, scan_images, signature, still_holds
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.errors import UsageError


def test_a_scan_has_the_hashes_of_the_file_and_the_size_that_a_viewer_sees(tmp_path: Path) -> None:
    data = saved("PNG")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.png").write_bytes(data)
    (scan,) = scan_images(["sub/a.png"], tmp_path, None)
    known = Fingerprint.of(data)
    assert (scan.file, scan.sha256, scan.phash) == ("sub/a.png", known.sha256, known.phash)
    assert (scan.width, scan.height, scan.size) == (60, 40, len(data))
    assert scan.found is None, "faces were not searched for"
    assert scan.reason == ""


def test_files_that_cannot_be_used_have_a_reason_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(saved("PNG"))
    (tmp_path / "b.png").write_bytes(b"no image")
    scans = scan_images(["b.png", "a.png", "gone.png"], tmp_path, None)
    assert [scan.reason for scan in scans] == ["not_an_image", "", "missing_image"]
    assert [scan.width for scan in scans] == [0, 60, 0]
    assert scans[0].sha256 == hashlib.sha256(b"no image").hexdigest()
    assert scans[2].sha256 == ""
    assert scans[2].detail == "the file does not exist"


def test_an_image_that_no_jpeg_file_can_hold_has_a_reason(tmp_path: Path) -> None:
    write_grey(tmp_path / "wide.png", (8, 70_000))
    write_grey(tmp_path / "high.png", (40_000, 8))
    wide, high = scan_images(["wide.png", "high.png"], tmp_path, None)
    assert (wide.reason, wide.width) == ("image_too_large", 0)
    assert "70000x8 pixels" in wide.detail
    assert (high.reason, high.height) == ("", 40_000)


def test_where_a_finder_looks_for_faces_and_finds_none_that_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(saved("PNG"))
    (tmp_path / "b.png").write_bytes(b"no image")
    good, bad = scan_images(["a.png", "b.png"], tmp_path, FinderChoice("haar"))
    assert (good.found, bad.found) == ((), None)


def test_a_scan_comes_back_from_a_journal_as_it_was() -> None:
    for found in (None, (), ((1.5, 2.0, 30.0, 40.25), (5.0, 6.0, 7.0, 8.0))):
        scan = Scan("ü \udcff.png", 9, 1, "ab", 60, 40, "cd", found)
        assert Scan.from_json(json.loads(json.dumps(scan.to_json()))) == scan


def test_a_file_that_is_written_again_is_another_one(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    assert signature(path) == (0, 0)
    path.write_bytes(b"1")
    before = signature(path)
    path.write_bytes(b"12")
    assert signature(path) != before


def test_a_scan_holds_until_its_file_changes_comes_or_goes(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(saved("PNG"))
    here, gone = scan_images(["a.png", "gone.png"], tmp_path, None)
    assert still_holds(here, tmp_path)
    assert still_holds(gone, tmp_path)
    (tmp_path / "a.png").rename(tmp_path / "gone.png")
    assert not still_holds(here, tmp_path)
    assert not still_holds(gone, tmp_path)


def test_a_file_that_could_not_be_read_is_looked_at_again(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    (scan,) = scan_images(["a.png"], tmp_path, None)
    assert scan.reason == "unreadable_image"
    assert not still_holds(scan, tmp_path)


def test_an_impossible_score_is_refused_by_the_name_of_its_option() -> None:
    with pytest.raises(UsageError, match=r"`face_score` is 1\.5"):
        FinderChoice(threshold=1.5)
