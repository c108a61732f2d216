from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import UsageError
from yolo_fer.inputs.addresses import (
    camera_index,
    hide_passwords,
    is_address,
    password_hint,
    place_of,
    without_password,
)


@pytest.mark.parametrize(
    ("source", "index"),
    [("0", 0), ("12", 12), ("/dev/video3", 3), ("-1", None), ("1.5", None), ("0.mp4", None)],
)
def test_a_number_and_a_device_are_cameras(source: str, index: int | None) -> None:
    assert camera_index(source) == index


def test_a_link_to_a_device_is_its_camera(tmp_path: Path) -> None:
    (tmp_path / "by-name").symlink_to("/dev/video7")
    assert camera_index(str(tmp_path / "by-name")) == 7


def test_a_link_to_itself_is_no_camera(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").symlink_to("b.jpg")
    assert camera_index(str(tmp_path / "b.jpg")) is None


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
    "source",
    [
        "rtsp:/me:SECRET@camera/1",
        "rtsp:me:SECRET@camera/1",
        "rtsp:\\\\me:SECRET@camera",
        "me:SECRET@camera/1",
        "http://me:SECRET@[bad",
    ],
)
def test_what_is_nearly_an_address_is_wrong_usage_and_keeps_its_secret(source: str) -> None:
    with pytest.raises(UsageError, match="address") as error:
        is_address(source)
    assert "SECRET" not in str(error.value)


def test_a_file_whose_name_looks_like_an_address_is_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me:you@home.jpg").touch()
    assert not is_address("me:you@home.jpg")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://me:secret@10.0.0.5:554/a?b=c", "rtsp://me:***@10.0.0.5:554/a?b=c"),
        ("rtsp://me:se@cret@camera/1", "rtsp://me:***@camera/1"),
        ("rtsp://me@camera/1", "rtsp://me@camera/1"),
        ("http://camera/video", "http://camera/video"),
        ("http://camera:8080/a?b=c&channel=1#t", "http://camera:8080/a?b=c&channel=1#t"),
        ("rtsp://admin:abc#123@10.0.0.5/1", "rtsp://admin:***@10.0.0.5/1"),
        ("rtsp://admin:a/b?c@10.0.0.5/1", "rtsp://admin:***@10.0.0.5/1"),
        ("rtsp://admin:a:b/c:d@[::1]:554/1", "rtsp://admin:***@[::1]:554/1"),
        ("rtsp://admin%3Asecret@camera/1", "rtsp://admin%3A***@camera/1"),
        ("rtsp://:secret@camera/1", "rtsp://:***@camera/1"),
        ("http://c/?user=admin&pwd=abc", "http://c/?user=admin&pwd=***"),
        ("http://c/?PassWord=a/b?c&d#e&channel=1", "http://c/?PassWord=***&channel=1"),
        ("rtsp://c/user=admin&password=abc", "rtsp://c/user=admin&password=***"),
        ("rtsp://c/user=me_password=abc_channel=1", "rtsp://c/user=me_password=***_channel=1"),
        ("http://c/i.cgi?loginuse=me&loginpas=abc", "http://c/i.cgi?loginuse=me&loginpas=***"),
        ("srt://c:9000?passphrase=abc;mode=x", "srt://c:9000?passphrase=***;mode=x"),
        ("https://c/a?X-Amz-Signature=abc&token=d", "https://c/a?X-Amz-Signature=***&token=***"),
        ("http://c/?login=me:abc", "http://c/?login=me:***"),
        ("http://c/a?jwt=abc&otp=d", "http://c/a?jwt=***&otp=***"),
        ("rtmp://u:SECRET@c/live/key", "rtmp://u:***@c/live/key"),
    ],
)
def test_results_do_not_show_passwords(address: str, shown: str) -> None:
    assert without_password(address) == shown
    assert without_password(shown) == shown
    assert hide_passwords(f"{address} is away") == f"{shown} is away"


@pytest.mark.parametrize(
    "address",
    ["rtsp://me:se/cret?#@camera/live/1", "rtsp://camera:554/live/1?user=me&password=se/cret"],
)
def test_the_place_does_not_show_passwords(address: str) -> None:
    assert place_of(address) == "camera/live/1"


def test_what_ends_a_password_early_is_told_how_to_write() -> None:
    assert password_hint("rtsp://me:a#b/c@camera/1").endswith("write '#' as %23, '/' as %2F")
    assert not password_hint("rtsp://me:a%23b@camera/1#/?")
    assert not password_hint("http://camera/1#/?")
