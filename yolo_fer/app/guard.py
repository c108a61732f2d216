"""What stands before the page: who may speak to it, how much may be sent, what browsers are told.

A browser that visits a hostile site can be made to send requests to this page, too: under the name
of that site, whose address was changed meanwhile (DNS rebinding), or across origins. Both are
refused here, before Gradio sees them.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from yolo_fer.app.limits import Limits

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
_Refusal: TypeAlias = tuple[int, str]

_MESSAGE_BYTES = 16_000_000
"""Of a request that is no upload; the largest is a camera's frame as text."""
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
        app: what it guards.
        names: host names under which the page may be visited; numbers always may, since a hostile
            site cannot have one of ours.
        limits: the limits of uploads.
        folder: that holds all uploads and results.
    """

    def __init__(
        self, app: Application, names: Iterable[str], limits: Limits, folder: Path
    ) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._limits = limits
        self._folder = folder
        self._coming = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the page answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        pairs = scope["headers"]
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in pairs}
        text = headers.get("content-length", "")
        length = int(text) if text.isdecimal() and len(text) < 19 else None
        refusal = self._whom(headers) or self._how_much(scope, headers, length)
        if refusal is not None:
            await _refuse(scope, send, *refusal)
            return
        self._coming += length or 0
        try:
            await self._app(scope, receive, _with_headers(send))
        finally:
            self._coming -= length or 0

    def _whom(self, headers: dict[str, str]) -> _Refusal | None:
        """Refuse whoever comes under another name or from another page."""
        host = headers.get("host", "")
        if not self._is_ours(host):
            return 403, (
                f"This page is not called {host[:200]!r}. If it should be, start it with "
                "`allow_host` and that name."
            )
        origin = headers.get("origin")
        if origin is None:
            return None
        there = origin.partition("://")[2]
        # Behind a proxy the page has a name of its own, which has to be allowed.
        if there.lower() != host.lower() and _name(there) not in self._names - _LOCAL:
            return 403, f"Requests from another page ({origin[:200]!r}) are refused."
        return None

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _how_much(
        self, scope: Scope, headers: dict[str, str], length: int | None
    ) -> _Refusal | None:
        """Refuse what is too large, before it is received."""
        if scope.get("method") in ("GET", "HEAD", "OPTIONS", None):
            return None
        if length is None:
            return 411, "Say how long the request is (Content-Length)."
        if not scope["path"].rstrip("/").endswith("/upload"):
            return (413, "This request is too large.") if length > _MESSAGE_BYTES else None
        if length > self._limits.total_bytes:
            return 413, f"This is more than {self._limits.total_mb} MB."
        if _size(self._folder) + self._coming + length > self._limits.total_bytes:
            return 503, "The page holds as much as it may; try again in a few minutes."
        return None


_LOCAL = frozenset({"localhost"})


def names_of_this_computer(host: str) -> set[str]:
    """Return the names under which a page that listens on `host` is visited, besides numbers."""
    own = socket.gethostname()
    return {*_LOCAL, host, own, f"{own}.local"}


def _name(host: str) -> str:
    """Return the name of a host, without port; empty if it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # gone meanwhile
            total += path.stat().st_size
    return total


def _with_headers(send: Send) -> Send:
    async def send_on(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = message.get("headers", ())
            others = [pair for pair in given if pair[0].decode("latin-1").lower() not in _HEADERS]
            message["headers"] = [*others, *_encoded(_HEADERS)]
        await send(message)

    return send_on


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(key.encode(), value.encode()) for key, value in headers.items()]


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
    await send({"type": "http.response.start", "status": status, "headers": _encoded(headers)})
    await send({"type": "http.response.body", "body": body})
