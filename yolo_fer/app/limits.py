"""What a visitor may send, and how long the page keeps what it made of that."""

from __future__ import annotations

from dataclasses import dataclass

from yolo_fer.web.upload_limits import UploadLimits

CAMERA_PATH = "/camera"
"""Where browsers send the frames of their cameras."""
CAMERA_SIDE = 1920
"""The longest side of a camera frame that is taken, in pixels."""


@dataclass(frozen=True, slots=True)
class Limits(UploadLimits):
    """The limits of one page.

    Args:
        upload_mb: the largest file that can be uploaded, in millions of bytes.
        total_mb: the most that the page holds of all visitors together, uploads and results, in
            millions of bytes.
        video_seconds: the number of seconds of a video that are read.
        images: the greatest number of images in one upload.
        image_seconds: the seconds that the reading of one image may take.
        upload_seconds: the seconds that the reading of all images of an upload may take.
        kept_seconds: the seconds for which results can be downloaded.

    Raises:
        UsageError: if a limit is out of range; see `UploadLimits`.
    """

    upload_mb: int = 100
    total_mb: int = 2000
    video_seconds: int = 120
    images: int = 40
    image_seconds: float = 20.0
    upload_seconds: float = 120.0
    kept_seconds: int = 1800
