"""The page as its visitors see it: headless Chromium, with files to upload."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import cv2
import pytest

from tests.helpers.browser import LOADED, WORKED, Visitor
from tests.helpers.clips import grey_frames, pan, write_mp4
from tests.helpers.servers import Server
from yolo_fer.images import read
from yolo_fer.runtime.folder_lock import LOCK_NAME

pytestmark = pytest.mark.slow


def test_the_faces_of_a_drawn_picture(visitor: Visitor) -> None:
    visitor.page.get_by_role("tab", name="Images").click()
    visitor.press("Three drawn people")
    visitor.page.wait_for_selector("#image-results article", timeout=WORKED)
    assert visitor.page.locator("#image-results .face").count() >= 3


def test_many_images_are_no_longer_than_two_screens(
    visitor: Visitor, photograph: Path, tmp_path: Path
) -> None:
    copies = [tmp_path / f"{number}.jpg" for number in range(20)]
    for copy in copies:
        shutil.copy(photograph, copy)
    visitor.upload("Images", "image-files", *copies)
    page = visitor.page
    page.wait_for_selector("#image-results table", timeout=WORKED)
    assert page.locator("#image-results article").count() == 20
    assert page.evaluate("document.documentElement.scrollHeight") < 2.6 * 900
    page.locator("#image-results summary").first.press("Enter")
    assert page.locator("#image-results .face").first.is_visible()


def test_a_long_video_of_one_visitor_does_not_stop_the_camera_of_another(
    browser: Any, server: Server, visitor: Visitor, photograph: Path, tmp_path: Path
) -> None:
    visitor.start_camera()
    alone = visitor.count_answers(5)
    clip = write_mp4(tmp_path / "long.mp4", pan(read(photograph), 900))
    other = Visitor(browser, server)
    other.upload("Videos", "video-file", clip)
    other.page.wait_for_selector("#video-status .preview", timeout=WORKED)
    meanwhile = visitor.count_answers(5)
    assert other.page.locator("#video-status .progress").count() == 1  # it still goes on
    print(f"frames in 5 s: {alone} alone, {meanwhile} beside a video")
    assert meanwhile >= max(3, alone / 4)
    other.page.locator("#video-stop").click()
    other.page.get_by_text("Nothing was kept").wait_for(timeout=LOADED)
    other.context.close()
    _wait_until_empty(server)


def test_images_good_and_bad(
    visitor: Visitor, server: Server, photograph: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken <b>.jpg"
    broken.write_bytes(b"no image")
    visitor.upload("Images", "image-files", photograph, broken)
    page = visitor.page
    page.wait_for_selector("#image-results article", timeout=WORKED)
    assert page.locator("#image-results article").count() == 2
    assert page.locator("#image-results article img").evaluate("image => image.decode()") is None
    said = page.locator("#image-results .bad .notice").inner_text()
    assert "not an image" in said
    assert str(server.temporary) not in said
    assert "1 could not be read" in page.locator("#image-results").inner_text()
    assert page.locator("#image-results tbody tr").count() >= 1
    with page.expect_download() as download:
        page.locator("#image-json").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert [bool(json.loads(line).get("error")) for line in lines] == [False, True]
    assert not [path for path in _files(server) if path.name.startswith("broken")]
    visitor.context.close()
    _wait_until_empty(server)


def test_a_video_ends_with_an_annotated_copy_that_plays(
    visitor: Visitor, server: Server, photograph: Path, tmp_path: Path
) -> None:
    clip = write_mp4(tmp_path / "clip.mp4", pan(read(photograph), 60))
    visitor.upload("Videos", "video-file", clip)
    page = visitor.page
    page.wait_for_selector("#video-status .good", timeout=WORKED)
    assert "60 frames" in page.locator("#video-status").inner_text()
    page.wait_for_function(
        "document.querySelector('#video-annotated video')?.readyState >= 2", timeout=LOADED
    )
    assert page.locator("#video-timeline .bands").count() >= 1
    assert page.locator("#video-tracks tbody tr").count() >= 1
    with page.expect_download() as download:
        page.locator("#video-download-0").click()
    capture = cv2.VideoCapture(str(download.value.path()))
    assert capture.read()[0]
    assert not [path for path in _files(server) if path.name == clip.name]
    visitor.context.close()
    _wait_until_empty(server)


@pytest.mark.parametrize("data", [b"", b"no video" * 1000])
def test_what_is_no_video_is_said(visitor: Visitor, tmp_path: Path, data: bytes) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(data)
    visitor.upload("Videos", "video-file", clip)
    visitor.page.wait_for_selector("#video-status .bad", timeout=LOADED)
    assert "cannot be read" in visitor.page.locator("#video-status").inner_text()


def test_a_video_without_faces_says_so(visitor: Visitor, tmp_path: Path) -> None:
    visitor.upload("Videos", "video-file", write_mp4(tmp_path / "grey.mp4", grey_frames(20)))
    visitor.page.wait_for_selector("#video-status .good", timeout=WORKED)
    assert "no face" in visitor.page.locator("#video-status").inner_text()


def test_a_file_that_is_too_large_is_refused(
    visitor: Visitor, server: Server, tmp_path: Path
) -> None:
    large = tmp_path / "large.mp4"
    large.write_bytes(bytes(3_000_000))
    visitor.upload("Videos", "video-file", large)
    visitor.page.get_by_text("maximum allowed size").first.wait_for(timeout=LOADED)
    assert not [path for path in _files(server) if path.name == large.name]


def test_a_phone_is_wide_enough(browser: Any, server: Server, photograph: Path) -> None:
    phone = Visitor(browser, server, width=360)
    phone.upload("Images", "image-files", photograph)
    phone.page.wait_for_selector("#image-results table", timeout=WORKED)
    for tab in ("Camera", "Images", "Videos"):
        phone.page.get_by_role("tab", name=tab).click()
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    chooser = phone.page.locator("#video-file")
    label = chooser.get_by_test_id("block-label").bounding_box()
    sign = chooser.locator("button svg").first.bounding_box()
    assert label["x"] + label["width"] < sign["x"], "the label covers nothing"
    phone.context.close()


def _files(server: Server) -> list[Path]:
    """Return the files of visitors; a folder that the page deletes meanwhile is none."""
    (folder,) = server.temporary.glob("yolo-fer-app-*")
    paths = [Path(where) / name for where, _, names in os.walk(folder) for name in names]
    return [path for path in paths if path.name != LOCK_NAME and _holds_bytes(path)]


def _holds_bytes(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _wait_until_empty(server: Server) -> None:
    end = time.monotonic() + 60
    while _files(server):
        assert time.monotonic() < end, _files(server)
        time.sleep(0.2)
