"""What stands before the application: who may ask, how long it may take, what is noted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from yolo_fer.serve.limits import RequestLimits
from yolo_fer.serve.metrics import ServerMetrics
from yolo_fer.serve.refusal import Refusal
from yolo_fer.serve.token import VARIABLE, Token
from yolo_fer.web.address import Address
from yolo_fer.web.visitors import (
    Application,
    Message,
    Receive,
    Scope,
    Send,
    Visitors,
    encoded,
    headers_of,
    with_headers,
)

PATHS = ("/predict", "/healthz", "/metrics", "/openapi.json", "/docs", "/")
_GUARDED = ("/predict", "/metrics")
_BROKEN_OFF = 499  # as nginx calls it: the client went away
_LINGER_SECONDS = 2.0
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(slots=True)
class RequestRecord:
    """What is noted of one request, and nothing else: no header, no name, no picture.

    Args:
        received: the number of bytes of its body.
        images: the number of images that were predicted.
        faces: the number of faces that were found in them.
        status: the status of the answer.
    """

    received: int = 0
    images: int = 0
    faces: int = 0
    status: int = _BROKEN_OFF
    has_all: bool = False
    started: float = field(default_factory=time.monotonic)


class Gate:
    """An ASGI middleware.

    Args:
        app: the ASGI application that it guards.
        address: where it listens, and the names under which it may be asked.
        token: the token that requests have to bring; None lets anyone in.
        limits: the limits of the time that a request takes.
        metrics: the counters that requests are added to.
        log: the function that is called with a line for each request.
    """

    def __init__(
        self,
        app: Application,
        *,
        address: Address,
        token: Token | None,
        limits: RequestLimits,
        metrics: ServerMetrics,
        log: Callable[[str], None],
    ) -> None:
        self._app = app
        self._visitors = Visitors(address)
        self._token = token
        self._limits = limits
        self._metrics = metrics
        self._log = log
        self.is_stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record = scope["record"] = RequestRecord()
        try:
            await self._within_time(scope, _counted(receive, record), send, record)
        finally:
            self._note(scope, record)

    async def _within_time(
        self, scope: Scope, receive: Receive, send: Send, record: RequestRecord
    ) -> None:
        headers = headers_of(scope)
        record.has_all = not (
            headers.get("content-length", "0").strip("0") or "transfer-encoding" in headers
        )
        send = with_headers(self._answering(receive, send, record, headers), _HEADERS)
        try:
            async with asyncio.timeout(self._limits.timeout):
                refusal = self._refusal(scope["path"], headers)
                if refusal is None:
                    await self._app(scope, receive, send)
                else:
                    await refuse(send, refusal)
        except TimeoutError:
            if record.status == _BROKEN_OFF:  # nothing was sent yet
                text = f"there was no answer within {self._limits.timeout:g} seconds; try again"
                await refuse(send, Refusal.busy(503, "time_over", text))

    def _refusal(self, path: str, headers: dict[str, str]) -> Refusal | None:
        objection = self._visitors.objection(headers)
        if objection is not None:
            return Refusal(403, "not_welcome", objection)
        if self.is_stopping:
            return Refusal.busy(503, "stopping", "the server is being stopped; ask another one")
        if path in _GUARDED and self._token is not None and not self._token.is_in(headers):
            text = f"send the header 'Authorization: Bearer TOKEN' with the token of {VARIABLE}"
            return Refusal(401, "no_token", text, {"www-authenticate": "Bearer"})
        return None

    def _answering(
        self, receive: Receive, send: Send, record: RequestRecord, headers: dict[str, str]
    ) -> Send:
        """Return a `send` that lets a client that is still sending read why it is refused.

        To close at once would reset the connection under the client's hands, and the answer be
        lost. So it is sent, what still comes is thrown away for a moment, and then the connection
        is closed.
        """

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                if self.is_stopping or not record.has_all:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            elif not message.get("more_body") and not record.has_all:
                await send({**message, "more_body": True})
                if "expect" not in headers:  # else it waits to be told to send
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_LINGER_SECONDS):
                            while not record.has_all:
                                await receive()
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        return send_on

    def _note(self, scope: Scope, record: RequestRecord) -> None:
        path = scope["path"] if scope["path"] in PATHS else "other"
        seconds = time.monotonic() - record.started
        self._metrics.answered(path, record.status)
        if path == "/predict":
            self._metrics.took("all", seconds)
        client = (scope.get("client") or ("-",))[0]
        found = f", images: {record.images}, faces: {record.faces}" if record.images else ""
        # No path but ours: others may hold anything.
        self._log(
            f"{datetime.now().astimezone().isoformat(timespec='milliseconds')} {client} "
            f"{scope['method'][:10]} {path} {record.status} {1000 * seconds:.0f} ms, "
            f"{record.received} bytes{found}"
        )


async def refuse(send: Send, refusal: Refusal) -> None:
    """Answer with a refusal."""
    body = refusal.body
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        **refusal.headers,
    }
    start = {"type": "http.response.start", "status": refusal.status, "headers": encoded(headers)}
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _counted(receive: Receive, record: RequestRecord) -> Receive:
    async def receive_on() -> Message:
        message = await receive()
        record.received += len(message.get("body", b""))
        record.has_all |= not message.get("more_body", False)
        return message

    return receive_on
