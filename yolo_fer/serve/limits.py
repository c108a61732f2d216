"""What one request may cost, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass

from yolo_fer.errors import UsageError
from yolo_fer.web.upload_limits import UploadLimits

_USUAL_SCANS = 10
"""Of a progressive JPEG image, as most programs write it."""


@dataclass(frozen=True, slots=True)
class RequestLimits(UploadLimits):
    """The limits of one server.

    Args:
        upload_mb: the largest image file, in millions of bytes, sent or fetched.
        total_mb: the most that all requests in progress may have sent together, in millions of
            bytes.
        megapixels: the most pixels of an image as the file has it, in millions.
        timeout: the seconds that a request may take, from its first line to the end of its answer.
        queue: the greatest number of images that are in progress at once, decoded or not; more are
            refused.
        batch: the greatest number of images that the network is given at once; one that runs fewer
            at once is given fewer.
        urls: the greatest number of URLs in one request.

    Raises:
        UsageError: if a limit is out of range, or they do not go together; see `UploadLimits`.
    """

    upload_mb: int = 20
    total_mb: int = 500
    megapixels: int = 50
    timeout: float = 30.0
    queue: int = 64
    batch: int = 8
    urls: int = 16

    def __post_init__(self) -> None:
        UploadLimits.__post_init__(self)  # super() does not find the class behind slots
        if self.queue < self.batch:
            raise UsageError("`queue` must not be less than `batch`")

    @property
    def pixels(self) -> int:
        """The most pixels of an image as the file has it."""
        return self.megapixels * 1_000_000

    @property
    def scanned_pixels(self) -> int:
        """The most pixels that decoding an image goes over: a progressive JPEG in each scan."""
        return _USUAL_SCANS * self.pixels
