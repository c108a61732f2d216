"""Connections that do not stay for nothing.

Uvicorn waits without end for the head of a request, and for a client that does not read its answer.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""In which the head of a request has to be there, from the first byte or the connection on."""
READING_SECONDS = 10.0
"""In which a client has to take what waits to be sent, or what is left when it is closed."""


class TimedConnection(H11Protocol):
    """A connection that is closed if its client is too slow."""

    _head: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._head = self.loop.call_later(HEAD_SECONDS, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        """Take what came; once a request has a head, the one who answers it waits for the rest."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._head is None:
            self._head = self.loop.call_later(HEAD_SECONDS, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not read."""
        super().pause_writing()
        self._reading = self._abort_later()

    def resume_writing(self) -> None:
        """Go on: it reads."""
        if self._reading is not None:
            self._reading.cancel()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection, even if its client does not read."""
        super().timeout_keep_alive_handler()
        self._abort_later()

    def on_response_complete(self) -> None:
        """Close the connection if this was its last answer, even if its client does not read."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._abort_later()

    def _abort_later(self) -> asyncio.TimerHandle:
        return self.loop.call_later(READING_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None
