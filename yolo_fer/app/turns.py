"""One network for all visitors, which run it in turns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Condition

from yolo_fer.images import Image
from yolo_fer.results import Prediction, Predictor

_LIVE_IN_A_ROW = 3
"""How many camera frames may pass an upload that waits, so that it goes on at all."""


class Turns:
    """Hands out turns one at a time: cameras before uploads, each in order of arrival.

    A run of the network uses all the threads that it was given, so that two at once would only make
    each other slow, and not every runtime allows it. A camera frame waits for one run at most, even
    while other visitors have long videos processed; an upload gets at least every fourth turn.
    """

    def __init__(self) -> None:
        self._condition = Condition()
        self._running = False
        self._live: deque[object] = deque()
        self._uploads: deque[object] = deque()
        self._live_in_a_row = 0

    @contextmanager
    def turn(self, live: bool) -> Iterator[None]:
        """Wait for a turn and hold it.

        Args:
            live: whether it is for a frame of a camera.
        """
        me = object()
        queue = self._live if live else self._uploads
        with self._condition:
            queue.append(me)
            try:
                self._condition.wait_for(lambda: not self._running and self._next() is me)
            except BaseException:
                queue.remove(me)
                raise
            queue.popleft()
            self._live_in_a_row = self._live_in_a_row + 1 if live else 0
            self._running = True
        try:
            yield
        finally:
            with self._condition:
                self._running = False
                self._condition.notify_all()

    def _next(self) -> object:
        uploads_go = not self._live or self._live_in_a_row >= _LIVE_IN_A_ROW
        return self._uploads[0] if self._uploads and uploads_go else self._live[0]


class TakingTurns:
    """A predictor that several threads share.

    Args:
        predictor: the system that is shared.
        turns: the queue of all that share it.
        live: whether it predicts the frames of cameras.
    """

    def __init__(self, predictor: Predictor, turns: Turns, *, live: bool) -> None:
        self._predictor = predictor
        self._turns = turns
        self._live = live

    @property
    def name(self) -> str:
        """As the predictor's."""
        return self._predictor.name

    def predict(self, images: Sequence[Image]) -> list[Prediction]:
        """As the predictor's, when it is this caller's turn."""
        with self._turns.turn(self._live):
            return self._predictor.predict(images)
