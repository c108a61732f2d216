"""The page as its visitors see it: headless Chromium, with a fake camera that plays a real clip."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

from tests.helpers.clips import grey_frames, pan, write_mp4, write_y4m
from tests.helpers.servers import Server, serving
from yolo_fer.images import read
from yolo_fer.runtime.folder_lock import LOCK_NAME

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("gradio")
pytest.importorskip("av")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("there is no Chromium", allow_module_level=True)
_LOADED = 30_000  # milliseconds
_WORKED = 120_000


@pytest.fixture(scope="module")
def photograph() -> Path:
    ultralytics = pytest.importorskip("ultralytics")
    return Path(ultralytics.__file__).parent / "assets" / "zidane.jpg"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    temporary = tmp_path_factory.mktemp("temporary")
    limits = ("--max-upload", 2, "--max-seconds", 40)
    with serving(temporary, "--conf", 0.05, "--threads", 1, *limits) as server:
        yield server


@pytest.fixture(scope="module")
def browser(photograph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    clip = tmp_path_factory.mktemp("camera") / "clip.y4m"
    write_y4m(clip, pan(read(photograph), 60))
    arguments = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={clip}",
    ]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


class Visitor:
    """One visitor's browser; remembers every address that it asked for."""

    def __init__(self, browser: Any, server: Server, width: int = 1280) -> None:
        self.context = browser.new_context(
            permissions=["camera"], viewport={"width": width, "height": 900}
        )
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(server.url, timeout=_LOADED)

    def start_camera(self) -> None:
        self.page.get_by_title("grant webcam access").click(timeout=_LOADED)
        self.camera_button.click(timeout=_LOADED)
        self.page.wait_for_selector("#live .face", timeout=_LOADED)

    @property
    def camera_button(self) -> Any:
        return self.page.get_by_role("button", name="capture photo")

    def count_answers(self, seconds: float) -> int:
        """Return how many frames came back annotated meanwhile."""
        count = """seconds => new Promise(done => {
            let answers = 0, before = '';
            const timer = setInterval(() => {
              const now = document.querySelector('#camera img')?.src ?? '';
              if (now !== before) { answers += 1; before = now; }
            }, 10);
            setTimeout(() => { clearInterval(timer); done(answers); }, seconds * 1000);
        })"""
        return int(self.page.evaluate(count, seconds))

    def upload(self, tab: str, chooser: str, *paths: Path) -> None:
        self.page.get_by_role("tab", name=tab).click()
        self.page.locator(f"#{chooser} input[type=file]").set_input_files([str(p) for p in paths])


@pytest.fixture
def visitor(browser: Any, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(browser, server)
    yield visitor
    visitor.context.close()


def test_a_camera_shows_boxes_bars_and_its_delay_and_can_be_stopped(visitor: Visitor) -> None:
    visitor.start_camera()
    page = visitor.page
    assert visitor.count_answers(4) >= 4
    assert page.locator("#live .face").first.locator(".bar").count() == 7
    assert page.locator("#camera img").get_attribute("src").startswith("data:image/jpeg;base64,")
    delay = page.locator("#live [data-since]").inner_text()
    assert 0 < int(delay.removesuffix(" ms")) < 5000
    visitor.camera_button.click()
    page.wait_for_selector("#live .notice", timeout=_LOADED)
    page.wait_for_function("!document.querySelector('#live .figures')", timeout=_LOADED)
    visitor.camera_button.click()
    page.wait_for_selector("#live .face", timeout=_LOADED)


def test_no_request_leaves_this_computer(visitor: Visitor, server: Server) -> None:
    visitor.start_camera()
    for tab in ("Images", "Videos", "Camera"):
        visitor.page.get_by_role("tab", name=tab).click()
        visitor.page.wait_for_timeout(500)
    ours = (server.url, "data:", "blob:")
    assert [url for url in visitor.asked if not url.startswith(ours)] == []
    assert len(visitor.asked) > 10


def test_a_long_video_of_one_visitor_does_not_stop_the_camera_of_another(
    browser: Any, server: Server, visitor: Visitor, photograph: Path, tmp_path: Path
) -> None:
    visitor.start_camera()
    alone = visitor.count_answers(5)
    clip = write_mp4(tmp_path / "long.mp4", pan(read(photograph), 900))
    other = Visitor(browser, server)
    other.upload("Videos", "video-file", clip)
    other.page.wait_for_selector("#video-status .preview", timeout=_WORKED)
    meanwhile = visitor.count_answers(5)
    assert other.page.locator("#video-status .progress").count() == 1  # it still goes on
    print(f"frames in 5 s: {alone} alone, {meanwhile} beside a video")
    assert meanwhile >= max(3, alone / 4)
    other.page.locator("#video-stop").click()
    other.page.get_by_text("Nothing was kept").wait_for(timeout=_LOADED)
    other.context.close()
    _wait_until_empty(server)


def test_images_good_and_bad(
    visitor: Visitor, server: Server, photograph: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken <b>.jpg"
    broken.write_bytes(b"no image")
    visitor.upload("Images", "image-files", photograph, broken)
    page = visitor.page
    page.wait_for_selector("#image-results article", timeout=_WORKED)
    assert page.locator("#image-results article").count() == 2
    assert page.locator("#image-results article img").evaluate("image => image.decode()") is None
    said = page.locator("#image-results .bad .notice").inner_text()
    assert "not an image" in said
    assert str(server.temporary) not in said
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
    page.wait_for_selector("#video-status .good", timeout=_WORKED)
    assert "60 frames" in page.locator("#video-status").inner_text()
    page.wait_for_function(
        "document.querySelector('#video-annotated video')?.readyState >= 2", timeout=_LOADED
    )
    assert page.locator("#video-timeline img").count() == 1
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
    visitor.page.wait_for_selector("#video-status .bad", timeout=_LOADED)
    assert "cannot be read" in visitor.page.locator("#video-status").inner_text()


def test_a_video_without_faces_says_so(visitor: Visitor, tmp_path: Path) -> None:
    visitor.upload("Videos", "video-file", write_mp4(tmp_path / "grey.mp4", grey_frames(20)))
    visitor.page.wait_for_selector("#video-status .good", timeout=_WORKED)
    assert "no face" in visitor.page.locator("#video-status").inner_text()


def test_a_file_that_is_too_large_is_refused(
    visitor: Visitor, server: Server, tmp_path: Path
) -> None:
    large = tmp_path / "large.mp4"
    large.write_bytes(bytes(3_000_000))
    visitor.upload("Videos", "video-file", large)
    visitor.page.get_by_text("maximum allowed size").first.wait_for(timeout=_LOADED)
    assert not [path for path in _files(server) if path.name == large.name]


def test_a_phone_is_wide_enough(browser: Any, server: Server, photograph: Path) -> None:
    phone = Visitor(browser, server, width=360)
    phone.upload("Images", "image-files", photograph)
    phone.page.wait_for_selector("#image-results table", timeout=_WORKED)
    for tab in ("Camera", "Images", "Videos"):
        phone.page.get_by_role("tab", name=tab).click()
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    phone.context.close()


def _files(server: Server) -> list[Path]:
    (folder,) = server.temporary.glob("yolo-fer-app-*")
    files = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    return [path for path in files if path.name != LOCK_NAME]


def _wait_until_empty(server: Server) -> None:
    end = time.monotonic() + 60
    while _files(server):
        assert time.monotonic() < end, _files(server)
        time.sleep(0.2)
