"""Ctrl-C and requests to terminate that wait until what is being written is whole."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_back() -> Iterator[None]:
    """Hold a Ctrl-C back until the block is over; a second one breaks it off.

    Raises:
        KeyboardInterrupt: behind the block, if there was one meanwhile.
    """
    was_pressed = False

    def remember(_number: int, _frame: FrameType | None) -> None:
        nonlocal was_pressed
        if was_pressed:
            raise KeyboardInterrupt
        was_pressed = True

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if was_pressed:
        raise KeyboardInterrupt


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """Let a request to terminate (SIGTERM, as services get it) end the block as Ctrl-C does.

    Raises:
        SystemExit: with status 143 instead of the interrupt, if there was such a request.
    """
    terminated = False

    def interrupt(_number: int, frame: FrameType | None) -> None:
        nonlocal terminated
        terminated = True
        handler = signal.getsignal(signal.SIGINT)
        if not callable(handler):  # ignored, as in what a script starts in the background
            raise KeyboardInterrupt
        handler(signal.SIGINT, frame)

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        if terminated:
            raise SystemExit(128 + signal.SIGTERM) from None
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
