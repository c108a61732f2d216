from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.browser import CHROMIUM, Visitor, chromium
from tests.helpers.clips import pan, write_y4m
from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.servers import Server, serving
from yolo_fer.detector import Detector
from yolo_fer.images import read

FACE = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})


@pytest.fixture(scope="package")
def one_face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that find the same happy face in every image of 320 by 320 pixels."""
    return write_constant(tmp_path_factory.mktemp("weights") / "one.onnx", raw_output(FACE))


@pytest.fixture(scope="package")
def detector(one_face: Path) -> Detector:
    return Detector(one_face, threads=1)


@pytest.fixture(scope="package")
def photograph() -> Path:
    ultralytics = pytest.importorskip("ultralytics")
    return Path(ultralytics.__file__).parent / "assets" / "zidane.jpg"


@pytest.fixture(scope="package")
def playwright() -> Iterator[Any]:
    for package in ("gradio", "av"):
        pytest.importorskip(package)
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with sync_api.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def server(playwright: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    temporary = tmp_path_factory.mktemp("temporary")
    limits = ("--max-upload", 2, "--max-seconds", 40)
    with serving(temporary, "--conf", 0.05, "--threads", 1, *limits) as server:
        yield server


@pytest.fixture(scope="module")
def browser(
    playwright: Any, photograph: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A browser with a camera that looks around in a photograph, and is always allowed."""
    clip = tmp_path_factory.mktemp("camera") / "clip.y4m"
    write_y4m(clip, pan(read(photograph), 60))
    with chromium(
        playwright,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={clip}",
    ) as browser:
        yield browser


@pytest.fixture
def visitor(browser: Any, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(browser, server)
    yield visitor
    visitor.context.close()
