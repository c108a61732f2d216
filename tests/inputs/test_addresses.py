from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import UsageError
from yolo_fer.inputs.addresses import camera_index, is_address, without_password


@pytest.mark.parametrize(
    ("source", "index"),
    [("0", 0), ("12", 12), ("/dev/video3", 3), ("-1", None), ("1.5", None), ("0.mp4", None)],
)
def test_a_number_and_a_device_are_cameras(source: str, index: int | None) -> None:
    assert camera_index(source) == index


def test_a_link_to_a_device_is_its_camera(tmp_path: Path) -> None:
    (tmp_path / "by-name").symlink_to("/dev/video7")
    assert camera_index(str(tmp_path / "by-name")) == 7


def test_a_file_whose_name_is_a_number_is_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "0").touch()
    assert camera_index("0") is None


def test_what_cannot_be_an_address_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="no address"):
        is_address("http://[bad")


def test_what_has_a_scheme_is_an_address() -> None:
    assert is_address("rtsp://camera/1")
    assert not is_address("clip.mp4")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://me:secret@10.0.0.5:554/a?b=c", "rtsp://me:***@10.0.0.5:554/a?b=c"),
        ("rtsp://me:se@cret@camera/1", "rtsp://me:***@camera/1"),
        ("rtsp://me@camera/1", "rtsp://me@camera/1"),
        ("http://camera/video", "http://camera/video"),
    ],
)
def test_results_do_not_show_passwords(address: str, shown: str) -> None:
    assert without_password(address) == shown
