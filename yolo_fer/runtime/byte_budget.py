"""How many bytes of decoded pixels may wait at once, whatever their number."""

from __future__ import annotations

import threading

IN_FLIGHT_BYTES = 400_000_000
"""Of images, or of a video's frames, that are decoded ahead: five of 26 million pixels."""


class ByteBudget:
    """Bytes that are taken in the order of tickets and given back in any.

    Because earlier tickets come first, whoever consumes in that order never waits for one that
    waits itself. What is larger than the whole budget waits until nothing else is held.

    Args:
        limit: how many bytes may be held.
    """

    def __init__(self, limit: int = IN_FLIGHT_BYTES) -> None:
        self._limit = limit
        self._held = 0
        self._next = 0
        self._open = True
        self._changed = threading.Condition()

    def take(self, ticket: int, size: int) -> None:
        """Wait for so many bytes; every ticket 0, 1, 2 … takes once."""
        with self._changed:
            self._changed.wait_for(lambda: not self._open or self._may_take(ticket, size))
            self._held += size
            self._next += 1
            self._changed.notify_all()

    def give_back(self, size: int) -> None:
        """Let others have so many bytes."""
        with self._changed:
            self._held -= size
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def _may_take(self, ticket: int, size: int) -> bool:
        return ticket == self._next and (not self._held or self._held + size <= self._limit)
