"""Who may speak to the page, and how much may be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

for _package in ("starlette", "python_multipart"):
    pytest.importorskip(_package)
from starlette.requests import Request  # noqa: E402

from yolo_fer.app import guard  # noqa: E402
from yolo_fer.app.guard import Guard  # noqa: E402
from yolo_fer.app.limits import Limits  # noqa: E402
from yolo_fer.web.address import Address  # noqa: E402
from yolo_fer.web.visitors import Receive, Scope, Send  # noqa: E402

Part: TypeAlias = bytes | Callable[[], Awaitable[Any]]

LIMITS = Limits(upload_mb=1, total_mb=2)
UPLOAD = "POST", "/gradio_api/upload"


class Page:
    """Answers 200 when it has the whole body, and remembers how long that is."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.guard = Guard(self, Address("127.0.0.1", 7860, names), LIMITS, folder)
        self.got: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        self.got.append(len(body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def answer(
        self, method: str, path: str, headers: dict[str, str], *parts: Part
    ) -> tuple[int, dict[str, str]]:
        """Ask; a part of the body is bytes, or an event to wait for, or what is done in between."""
        sent: list[MutableMapping[str, Any]] = []
        waiting = list(parts)

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        async def receive() -> MutableMapping[str, Any]:
            while waiting and not isinstance(waiting[0], bytes):
                await waiting.pop(0)()
            body = waiting.pop(0) if waiting else b""
            return {"type": "http.request", "body": body, "more_body": bool(waiting)}

        headers = {"host": "localhost:7860"} | headers
        pairs = [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": pairs}
        await self.guard(scope, receive, send)
        assert [message["type"].rpartition(".")[2] for message in sent] == ["start", "body"]
        got = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
        return sent[0]["status"], got

    def ask(self, method: str = "GET", path: str = "/", *parts: Part, **headers: str) -> int:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        status, got = asyncio.run(self.answer(method, path, named, *parts))
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


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/camera", "/gradio_api/queue/join"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_length_beside_chunks_is_not_believed(page: Page, method: str, path: str) -> None:
    both = {"content_length": "10", "transfer_encoding": "chunked"}
    assert page.ask(method, path, bytes(11), **both) == 411
    assert page.got == [], "it was received"


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/camera", "/gradio_api/queue/join"])
def test_no_more_is_received_than_was_announced(page: Page, path: str) -> None:
    assert page.ask("POST", path, bytes(5), bytes(5), content_length="10") == 200
    assert page.ask("POST", path, bytes(5), bytes(6), bytes(5), content_length="10") == 413
    assert page.got == [10]


def test_what_brings_nothing_is_not_waited_for(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_SILENT_SECONDS", 0.05)
    silence = asyncio.Event().wait
    assert page.ask("POST", "/gradio_api/upload", bytes(5), silence, content_length="10") == 408
    assert page.got == []


def test_a_form_that_no_parser_expects_is_refused(page: Page) -> None:
    kind = "multipart/form-data; boundary=b; charset=undefined"
    upload = "POST", "/gradio_api/upload", bytes(10)
    assert page.ask(*upload, content_length="10", content_type=kind) == 400


def test_an_upload_that_only_announces_takes_nobodys_place(page: Page) -> None:
    async def another() -> None:
        length = {"content-length": "1000001"}
        assert (await page.answer(*UPLOAD, length, bytes(1_000_001)))[0] == 200

    assert page.ask(*UPLOAD, another, bytes(1_000_000), content_length="1000000") == 200


def test_all_visitors_together_have_a_limit_for_what_arrives(page: Page) -> None:
    async def another() -> None:
        length = {"content-length": "1000001"}
        assert (await page.answer(*UPLOAD, length, bytes(1_000_000), b"x"))[0] == 503

    million = bytes(1_000_000)
    assert page.ask(*UPLOAD, million, another, b"", content_length="1000000") == 200
    assert page.ask(*UPLOAD, bytes(2_000_000), content_length="2000000") == 200, "all is given back"


def test_all_visitors_together_have_a_limit(page: Page, tmp_path: Path) -> None:
    for result in (tmp_path / "left over", tmp_path / "job" / "result"):
        result.parent.mkdir(exist_ok=True)
        result.write_bytes(bytes(1_500_000))
        assert page.ask(*UPLOAD, content_length="500001") == 503
        result.unlink()
        (tmp_path / "job").mkdir(exist_ok=True)
        assert page.ask(*UPLOAD, content_length="490000") == 200
