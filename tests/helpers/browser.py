"""Visitors of the page with a real browser: headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.helpers.servers import Server

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
LOADED = 30_000
"""Milliseconds for the page to show something."""
WORKED = 120_000
"""Milliseconds for the network to look at an upload."""


@contextmanager
def chromium(playwright: Any, *arguments: str) -> Iterator[Any]:
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", *arguments]
    )
    yield browser
    browser.close()


class Visitor:
    """One visitor's browser; remembers every address that it asked for."""

    def __init__(
        self,
        browser: Any,
        server: Server,
        width: int = 1280,
        permissions: tuple[str, ...] = ("camera",),
    ) -> None:
        self.context = browser.new_context(
            permissions=permissions, viewport={"width": width, "height": 900}
        )
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(server.url, timeout=LOADED)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click(timeout=LOADED)

    def start_camera(self) -> None:
        self.press("Start the camera")
        self.page.wait_for_selector("#camera-found .face", timeout=LOADED)

    def hear_what_is_wrong(self) -> str:
        """Press Start, and return what is said about the camera."""
        self.press("Start the camera")
        trouble = self.page.get_by_role("alert")
        trouble.wait_for(timeout=LOADED)
        assert self.page.get_by_role("button", name="Start the camera").is_visible()
        return str(trouble.inner_text())

    def count_answers(self, seconds: float) -> int:
        """Return how many frames came back annotated meanwhile."""
        count = """seconds => new Promise(done => {
            let answers = 0, before = '';
            const timer = setInterval(() => {
              const now = document.querySelector('#camera-picture').src;
              if (now !== before) { answers += 1; before = now; }
            }, 10);
            setTimeout(() => { clearInterval(timer); done(answers); }, seconds * 1000);
        })"""
        return int(self.page.evaluate(count, seconds))

    def upload(self, tab: str, chooser: str, *paths: Path) -> None:
        self.page.get_by_role("tab", name=tab).click()
        self.page.locator(f"#{chooser} input[type=file]").set_input_files([str(p) for p in paths])
