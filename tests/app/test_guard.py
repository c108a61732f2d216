"""Who may speak to the page, and how much may be sent."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from yolo_fer.app.guard import Guard
from yolo_fer.app.limits import Limits
from yolo_fer.web.visitors import Receive, Scope, Send, names_of_this_computer

LIMITS = Limits(upload_mb=1, total_mb=2)


class Page:
    """Answers 200, and remembers what was asked while it did."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.guard = Guard(self, {*names_of_this_computer("127.0.0.1"), *names}, LIMITS, folder)
        self.also: list[tuple[str, str, dict[str, str]]] = []
        self.statuses: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while self.also:
            self.statuses.append((await self._ask(*self.also.pop()))[0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _ask(
        self, method: str, path: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, str]]:
        sent: list[MutableMapping[str, Any]] = []

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": b""}

        headers = {"host": "localhost:7860"} | headers
        pairs = [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": pairs}
        await self.guard(scope, receive, send)
        got = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
        return sent[0]["status"], got

    def ask(self, method: str = "GET", path: str = "/", **headers: str) -> int:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        status, got = asyncio.run(self._ask(method, path, named))
        assert got["x-content-type-options"] == "nosniff"
        assert "frame-ancestors" in got["content-security-policy"]
        return status


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path, "faces.example")


def test_only_known_names_are_answered(page: Page) -> None:
    assert page.ask(host="faces.example") == 200
    assert page.ask(host="evil.example:7860") == 403


def test_other_pages_cannot_send_anything(page: Page) -> None:
    upload = {"origin": "https://evil.example", "content_length": "5"}
    assert page.ask("POST", "/gradio_api/upload", **upload) == 403
    assert (
        page.ask("POST", "/gradio_api/upload", **upload | {"origin": "http://localhost:7860"})
        == 200
    )


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/gradio_api/upload", "1900000", 200),
        ("/gradio_api/upload", "2000001", 413),
        ("/gradio_api/upload", "9" * 50, 411),
        ("/camera", "3000000", 200),
        ("/camera", "3000001", 413),
        ("/gradio_api/queue/join", "200000", 200),
        ("/gradio_api/queue/join", "200001", 413),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_received(
    page: Page, path: str, length: str, status: int
) -> None:
    assert page.ask("POST", path, content_length=length) == status
    assert page.ask("POST", path, transfer_encoding="chunked") == 411


def test_all_visitors_together_have_a_limit(page: Page, tmp_path: Path) -> None:
    upload = "POST", "/gradio_api/upload"
    page.also = [(*upload, {"content-length": "1000001"})]
    assert page.ask(*upload, content_length="1000000") == 200
    assert page.statuses == [503], "sent while another one is on its way"
    (tmp_path / "result").write_bytes(bytes(1_500_000))
    assert page.ask(*upload, content_length="500001") == 503
    (tmp_path / "result").unlink()
    assert page.ask(*upload, content_length="500001") == 200
