"""Where browsers send the frames of their cameras, and get back what was found.

Gradio would keep each frame, and each answer, until its visitor fetches it. Here a frame is
answered in the request that brought it: nothing is kept, and a browser sends its newest one.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from yolo_fer.app import fragments
from yolo_fer.app.camera import LiveFrame, Visitor, look_at
from yolo_fer.app.limits import CAMERA_PATH
from yolo_fer.errors import ImageError, YoloFerError
from yolo_fer.results import Predictor

LONGEST_SMOOTHING = 3.0
"""The most seconds over which scores are averaged."""
_CAMERAS = 32  # of all visitors at once
_THREADS = 4  # the network runs once at a time; others decode and draw meanwhile
_IDLE_SECONDS = 10.0  # a camera that sends nothing for so long leaves its place to others
_BODY_SECONDS = 10.0
_SHOWN_FACES = 4
_NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(slots=True)
class _Place:
    visitor: Visitor = field(default_factory=Visitor)
    is_busy: bool = False
    last: float = field(default_factory=time.monotonic)


class _RefusalError(YoloFerError):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Cameras:
    """The cameras of all visitors: at most 32 at once, and of each one frame at a time.

    Args:
        predictor: the system that finds the faces; several threads call it.
    """

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._places: dict[str, _Place] = {}  # only the event loop touches it
        self._threads = ThreadPoolExecutor(_THREADS, "camera")

    def route(self) -> Route:
        """Return what a web application needs to know."""
        return Route(CAMERA_PATH, self.answer, methods=["POST"])

    async def answer(self, request: Request) -> Response:
        """Look at the frame in a request.

        Its query says the visitor, 32 random hexadecimal digits, and over how many seconds the
        scores are averaged. The answer is JSON: the annotated `picture`, the HTML of what was
        `found`, and that in one line, `said`, for those who hear the page. Otherwise it is a text:
        400 for what is no frame, 408 for one that does not arrive, 429 while another of this
        visitor is looked at, 503 when all places are taken.
        """
        try:
            name, smooth = _query(request)
            with self._place(name) as visitor:
                async with asyncio.timeout(_BODY_SECONDS):
                    content = await request.body()
                loop = asyncio.get_running_loop()
                live = await loop.run_in_executor(
                    self._threads, look_at, content, visitor, self._predictor, smooth
                )
                return JSONResponse(_told(live, visitor))
        except _RefusalError as refusal:
            return PlainTextResponse(str(refusal), refusal.status)
        except ImageError as error:
            return PlainTextResponse(f"This frame cannot be used: {error}", 400)
        except (TimeoutError, ClientDisconnect):
            return PlainTextResponse("The frame did not arrive.", 408)

    @contextmanager
    def _place(self, name: str) -> Iterator[Visitor]:
        now = time.monotonic()
        for other, place in list(self._places.items()):
            if not place.is_busy and now - place.last > _IDLE_SECONDS:
                del self._places[other]
        if name not in self._places and len(self._places) >= _CAMERAS:
            text = f"{_CAMERAS} cameras are running, as many as this page takes; try again later."
            raise _RefusalError(503, text)
        place = self._places.setdefault(name, _Place())
        if place.is_busy:
            raise _RefusalError(429, "Wait for the answer to the last frame.")
        place.is_busy = True
        try:
            yield place.visitor
        finally:
            place.is_busy, place.last = False, time.monotonic()


def _query(request: Request) -> tuple[str, float]:
    name = request.query_params.get("visitor", "")
    try:
        smooth = float(request.query_params.get("smooth", "0"))
    except ValueError:
        smooth = math.nan
    if not _NAME.fullmatch(name) or not 0 <= smooth <= LONGEST_SMOOTHING:
        raise _RefusalError(
            400,
            "Say `visitor`, 32 random hexadecimal digits, and `smooth`, "
            f"0 to {LONGEST_SMOOTHING:g} seconds.",
        )
    return name, smooth


def _told(live: LiveFrame, visitor: Visitor) -> dict[str, str]:
    faces, rate = live.prediction.faces, visitor.frames_per_second
    figures = fragments.figures(
        ("faces", str(len(faces))),
        ("frames a second", "…" if rate is None else f"{rate:.1f}"),
        ("network and drawing", f"{live.milliseconds:.0f} ms"),
        ("camera to screen", None),
    )
    cards = fragments.face_cards(faces, limit=_SHOWN_FACES)
    return {
        "picture": fragments.data_address(live.picture, "jpeg"),
        "found": figures
        + (
            cards if faces else fragments.hint("No face in sight. Come closer, or turn on a light.")
        ),
        "said": fragments.in_words(faces),
    }
