"""The answer to a request that cannot be answered with faces."""

from __future__ import annotations

import json

from yolo_fer.errors import FileFault, ImageError

RETRY_SECONDS = 1
"""After so long it is worth while to ask again."""

_STATUS_OF_IMAGE = {
    FileFault.EMPTY_IMAGE: 400,
    FileFault.IMAGE_TOO_LARGE: 413,
    FileFault.SLOW_IMAGE: 413,
    FileFault.NOT_AN_IMAGE: 415,
    FileFault.UNSUPPORTED_IMAGE: 415,
}
_ADVICE_OF_IMAGE = {
    FileFault.IMAGE_TOO_LARGE: "; send it smaller",
    FileFault.SLOW_IMAGE: "; send it smaller, or as a JPEG file that is not progressive",
    FileFault.NOT_AN_IMAGE: (
        "; send a JPEG, PNG, WebP, HEIC, AVIF, TIFF, BMP, JPEG 2000 or PPM file"
    ),
}


class Refusal(Exception):
    """Why a request gets no faces.

    Args:
        status: the HTTP status of the answer.
        reason: a key for programs, such as `queue_full`.
        message: what is wrong and what to do, in words.
        headers: the headers of the answer, besides the usual ones.
    """

    def __init__(
        self, status: int, reason: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers or {}

    @classmethod
    def busy(cls, status: int, reason: str, message: str) -> Refusal:
        """A refusal of what may be granted a little later."""
        return cls(status, reason, message, {"retry-after": str(RETRY_SECONDS)})

    @classmethod
    def of_image(cls, error: ImageError) -> Refusal:
        """A refusal of what is no image that can be used."""
        advice = _ADVICE_OF_IMAGE.get(error.reason, "")
        return cls(
            _STATUS_OF_IMAGE.get(error.reason, 422), error.reason, f"{error.message}{advice}"
        )

    @property
    def body(self) -> bytes:
        """The answer, JSON."""
        return json.dumps({"error": self.message, "reason": self.reason}).encode() + b"\n"
