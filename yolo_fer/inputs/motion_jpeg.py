"""Motion JPEG over HTTP, as most cameras send it: one JPEG image after the other, without end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from typing import cast
from urllib.request import HTTPSHandler, build_opener

from yolo_fer.errors import ImageError
from yolo_fer.images import Image, decode
from yolo_fer.images.structure import outline_jpeg
from yolo_fer.inputs import certificates
from yolo_fer.inputs.ffmpeg import MAX_FRAME_PIXELS
from yolo_fer.inputs.live import SourceGone
from yolo_fer.inputs.web_request import password_handlers, request

_START, _END = b"\xff\xd8\xff", b"\xff\xd9"
_CHUNK = 1 << 16
_NOT_VALID = f"the certificate of its server cannot be verified; {certificates.ADVICE}"
_LARGEST_PICTURE = 32_000_000
"""In bytes. What goes on for longer without an end is no picture."""


def connect_motion_jpeg(
    url: str, timeout_s: float, trust_certificate: bool = False
) -> MotionJpegConnection | None:
    """Open an HTTP address if it sends motion JPEG; None where FFmpeg may know more.

    FFmpeg reads it, too, but not without a boundary before the first picture, which many ESP32
    cameras leave out, and without any boundary it keeps what comes for as long as it comes.

    Raises:
        TimeoutError: if nothing answers in time.
        SourceGone: if the certificate of the server is not valid.
    """
    https = HTTPSHandler(context=certificates.context(trust_certificate))
    opener = build_opener(https, *password_handlers(url))
    try:
        response = cast(HTTPResponse, opener.open(request(url), timeout=timeout_s))
    except TimeoutError:
        raise
    except (OSError, ValueError, HTTPException) as error:
        if certificates.is_refused(error):
            raise SourceGone(_NOT_VALID, hopeless=True) from error
        return None
    is_endless = response.length is None
    if is_endless and response.headers.get_content_maintype() in ("multipart", "image"):
        return MotionJpegConnection(response, timeout_s)
    response.close()
    return None


class MotionJpegConnection:
    """An open stream of JPEG images; whatever stands between them is skipped.

    Args:
        response: the response to read from, with a time-out set.
        timeout_s: the seconds after which the stream is given up if no frame can be decoded.
    """

    frame_rate = None

    def __init__(self, response: HTTPResponse, timeout_s: float) -> None:
        self._response = response
        self._timeout_s = timeout_s
        self._waiting = bytearray()
        self._searched = 0

    def frames(self) -> Iterator[tuple[float | None, Image]]:
        """Yield the pictures that are whole; they have no time stamps.

        Raises:
            SourceGone: when the stream ends, hangs or sends nothing that decodes.
        """
        deadline = time.monotonic() + self._timeout_s
        while True:
            self._read()
            while (picture := self._next_picture()) is not None:
                try:
                    image = decode(picture, MAX_FRAME_PIXELS)
                except ImageError:
                    continue  # damaged on its way
                deadline = time.monotonic() + self._timeout_s
                yield None, image
            if time.monotonic() > deadline:
                raise SourceGone(f"nothing it sent for {self._timeout_s:g} s decodes")
            if len(self._waiting) > _LARGEST_PICTURE:
                raise SourceGone(f"a picture of it has no end within {_LARGEST_PICTURE:,} bytes")

    def _read(self) -> None:
        try:
            data = self._response.read1(_CHUNK)
        except TimeoutError as error:
            raise SourceGone(f"it sent nothing for {self._timeout_s:g} s") from error
        except (OSError, ValueError, AttributeError, HTTPException) as error:
            raise SourceGone(str(error) or "its server hung up") from error  # or it was closed
        if not data:
            raise SourceGone("its server ended it")
        self._waiting += data

    def _next_picture(self) -> bytes | None:
        start = self._waiting.find(_START)
        if start < 0:
            del self._waiting[: -len(_START)]
            self._searched = 0
            return None
        # The markers are walked only where there may be an end, not again with every piece.
        may_end = self._waiting.find(_END, max(start, self._searched - 1)) >= 0
        self._searched = len(self._waiting)
        end = outline_jpeg(self._waiting, start).end if may_end else None
        if end is None:
            return None
        picture = bytes(self._waiting[start:end])
        del self._waiting[:end]
        self._searched = 0
        return picture

    def close(self) -> None:
        """Hang up."""
        self._response.close()
