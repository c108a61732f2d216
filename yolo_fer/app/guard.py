"""What stands before the page: who may speak to it, how much may be sent, what browsers hear."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException

from yolo_fer.app.limits import CAMERA_PATH, Limits
from yolo_fer.web.address import Address
from yolo_fer.web.forms import charset_objection
from yolo_fer.web.visitors import (
    Application,
    Message,
    Receive,
    Scope,
    Send,
    Visitors,
    content_length,
    encoded,
    headers_of,
    with_headers,
)

_FRAME_BYTES = 3_000_000
"""Of a camera's frame. Any picture of 1920 by 1080 pixels has less."""
_MESSAGE_BYTES = 200_000
"""Of any other request, which holds no picture; the largest names the files of an upload. Gradio
keeps it twice while it waits for its turn, and what it answers until that is fetched."""
_SILENT_SECONDS = 15.0
"""After which a request ends of which nothing arrives any more."""
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
        address: where it listens, and the names under which the page may be visited.
        limits: how much may be uploaded.
        folder: the folder that holds all uploads and results.
    """

    def __init__(self, app: Application, address: Address, limits: Limits, folder: Path) -> None:
        self._app = app
        self._visitors = Visitors(address)
        self._limits = limits
        self._held = _Held(folder, limits.total_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the page answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        length = _length(scope, headers)
        try:
            objection = self._visitors.objection(headers)
            if objection is not None:
                raise _RefusedError(403, objection)
            is_upload = scope["path"].rstrip("/").endswith("/upload")
            self._check(scope, length, is_upload)
        except _RefusedError as refused:
            await _refuse(scope, send, refused)
            return
        send = with_headers(send, _HEADERS)
        if scope["type"] == "websocket" or not length:
            await self._app(scope, receive, send)
            return
        body = _Body(receive, send, length, self._held if is_upload else None)
        try:
            await self._app(scope, body.receive, body.send)
        except Exception:
            if body.refused is None:
                raise
        finally:
            body.end()
        if body.refused is not None:
            await _refuse(scope, send, body.refused)

    def _check(self, scope: Scope, length: int | None, is_upload: bool) -> None:
        """Refuse what is too large or cannot be read, before it is received."""
        if length is None:
            raise _RefusedError(411, "Say how long the request is (Content-Length).")
        objection = charset_objection(Headers(scope=scope).get("content-type", ""))
        if objection is not None:
            raise _RefusedError(400, f"This form cannot be read: {objection}.")
        if not is_upload:
            most = _FRAME_BYTES if scope["path"].rstrip("/") == CAMERA_PATH else _MESSAGE_BYTES
            if length > most:
                raise _RefusedError(413, "This request is too large.")
            return
        if length > self._limits.total_bytes:
            raise _RefusedError(413, f"This is more than {self._limits.total_mb} MB.")
        self._held.check(length)


class _RefusedError(MultiPartException):
    """A request is refused.

    It is an error of forms because after no other Gradio deletes what it wrote of an upload.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Held:
    """How much the page holds of all visitors: their results, and of uploads what has arrived.

    What an upload announces is not set aside for it: it might never come.

    Args:
        folder: the folder that holds all results and uploads.
        most: the most bytes that are held.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self._most = most
        self._estimate = 0  # so that the folder is not looked through at each chunk
        self._arriving = 0

    def check(self, more: int) -> None:
        """Measure what is there, and make sure that there is room for more.

        Raises:
            _RefusedError: if there is not.
        """
        kept, arriving = _sizes(self._folder)
        # Of what arrives, files are on the disk already, and all else in a form is in memory.
        self._estimate = kept + max(arriving, self._arriving)
        if self._estimate + more > self._most:
            raise _RefusedError(
                503, "The page holds as much as it may; try again in a few minutes."
            )

    def add(self, size: int) -> None:
        """Count what arrives.

        Raises:
            _RefusedError: if it is too much.
        """
        if self._estimate + size > self._most:
            self.check(size)
        self._estimate += size
        self._arriving += size

    def is_here(self, size: int) -> None:
        """Stop counting bytes as arriving: they lie in the folder now, or were thrown away."""
        self._arriving -= size


class _Body:
    """The body of one request while it arrives, and what is answered to it.

    Args:
        receive: brings its parts.
        send: takes the answer.
        length: the number of bytes that it may have.
        held: what counts the bytes of uploads; None for other requests.
    """

    def __init__(self, receive: Receive, send: Send, length: int, held: _Held | None) -> None:
        self._receive = receive
        self._send = send
        self._left = length
        self._held = held
        self._counted = 0
        self._is_complete = False
        self._is_answered = False
        self.refused: _RefusedError | None = None

    async def receive(self) -> Message:
        """Return the next part.

        Raises:
            _RefusedError: if there is too much of it, or it does not arrive.
        """
        if self.refused is not None:
            return {"type": "http.disconnect"}
        if self._is_complete or self._is_answered:
            return await self._receive()  # which says when the visitor leaves
        try:
            return await self._next()
        except _RefusedError as refused:
            self.refused = refused
            raise

    async def send(self, message: Message) -> None:
        """Pass the answer on, unless the request was refused meanwhile."""
        if self.refused is None:
            self._is_answered = True
            await self._send(message)

    def end(self) -> None:
        """Stop counting what arrived."""
        if self._held is not None:
            self._held.is_here(self._counted)

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(_SILENT_SECONDS):
                message = await self._receive()
        except TimeoutError as error:
            text = f"Nothing arrived for {_SILENT_SECONDS:g} seconds; send it again."
            raise _RefusedError(408, text) from error
        if message["type"] == "http.disconnect":
            raise _RefusedError(400, "The request was broken off.")  # its visitor has left
        size = len(message.get("body", b""))
        self._left -= size
        if self._left < 0:
            raise _RefusedError(413, "This request is longer than it says.")
        if self._held is not None:
            self._held.add(size)
            self._counted += size
        self._is_complete = not message.get("more_body", False)
        return message


def _length(scope: Scope, headers: Mapping[str, str]) -> int | None:
    """Return how long a request is, None if that is not known."""
    if "transfer-encoding" in headers:  # it wins over a length that is said as well
        return None
    if scope.get("method") in ("GET", "HEAD", "OPTIONS", None) and "content-length" not in headers:
        return 0
    return content_length(headers)


def _sizes(folder: Path) -> tuple[int, int]:
    """Return how many bytes are kept, and how many are of uploads that are not complete."""
    kept = arriving = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # gone meanwhile
            size = path.stat().st_size
            # Gradio moves uploads into folders when they are complete.
            if path.parent == folder and not path.is_dir():
                arriving += size
            else:
                kept += size
    return kept, arriving


async def _refuse(scope: Scope, send: Send, refused: _RefusedError) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": refused.message[:100]})
        return
    body = refused.message.encode("utf-8", "replace")
    headers = {
        **_HEADERS,
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "connection": "close",
    }
    await send(
        {"type": "http.response.start", "status": refused.status, "headers": encoded(headers)}
    )
    await send({"type": "http.response.body", "body": body})
