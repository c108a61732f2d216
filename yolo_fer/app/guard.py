"""What stands before the page: who may speak to it, how much may be sent, what browsers hear."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from yolo_fer.app.limits import CAMERA_PATH, Limits
from yolo_fer.web.visitors import (
    Application,
    Receive,
    Scope,
    Send,
    Visitors,
    content_length,
    encoded,
    headers_of,
    with_headers,
)

_Refusal: TypeAlias = tuple[int, str]

_FRAME_BYTES = 3_000_000
"""Of a camera's frame. Any picture of 1920 by 1080 pixels has less."""
_MESSAGE_BYTES = 200_000
"""Of any other request, which holds no picture; the largest names the files of an upload. Gradio
keeps it twice while it waits for its turn, and what it answers until that is fetched."""
_HEADERS = {
    # Everything comes from the page itself; Gradio's scripts stand in the page and build others.
    "content-security-policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
}


class Guard:
    """An ASGI middleware.

    Args:
        app: the ASGI application that it guards.
        names: the host names under which the page may be visited; numbers always may, since a
            hostile site cannot have one of ours.
        limits: how much may be uploaded.
        folder: the folder that holds all uploads and results.
    """

    def __init__(
        self, app: Application, names: Iterable[str], limits: Limits, folder: Path
    ) -> None:
        self._app = app
        self._visitors = Visitors(names)
        self._limits = limits
        self._folder = folder
        self._coming = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the page answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        length = content_length(headers)
        objection = self._visitors.objection(headers)
        refusal = (403, objection) if objection else self._how_much(scope, length)
        if refusal is not None:
            await _refuse(scope, send, *refusal)
            return
        self._coming += length or 0
        try:
            await self._app(scope, receive, with_headers(send, _HEADERS))
        finally:
            self._coming -= length or 0

    def _how_much(self, scope: Scope, length: int | None) -> _Refusal | None:
        """Refuse what is too large, before it is received."""
        if scope.get("method") in ("GET", "HEAD", "OPTIONS", None):
            return None
        if length is None:
            return 411, "Say how long the request is (Content-Length)."
        path = scope["path"].rstrip("/")
        if not path.endswith("/upload"):
            most = _FRAME_BYTES if path == CAMERA_PATH else _MESSAGE_BYTES
            return (413, "This request is too large.") if length > most else None
        if length > self._limits.total_bytes:
            return 413, f"This is more than {self._limits.total_mb} MB."
        if _size(self._folder) + self._coming + length > self._limits.total_bytes:
            return 503, "The page holds as much as it may; try again in a few minutes."
        return None


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # gone meanwhile
            total += path.stat().st_size
    return total


async def _refuse(scope: Scope, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why[:100]})
        return
    body = why.encode("utf-8", "replace")
    headers = {
        **_HEADERS,
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "connection": "close",
    }
    await send({"type": "http.response.start", "status": status, "headers": encoded(headers)})
    await send({"type": "http.response.body", "body": body})
