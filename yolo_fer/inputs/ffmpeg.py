"""FFmpeg through PyAV: opening what a user names, and pixels as a viewer sees them."""

from __future__ import annotations

from collections.abc import Set
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from yolo_fer.errors import needs_extra
from yolo_fer.images import Image

MOST_FRAMES_A_SECOND = 1000
"""More is no frame rate, whatever a driver or a container says."""

MAX_FRAME_PIXELS = 40_000_000
"""Of a video frame: 8K has 33 million. Some formats claim any size in a few bytes."""

_MOST_STRETCH = 8
_SQUARE = Fraction(1)
# What FFmpeg would take for one image.
_MOVING = {b"\xff\xd8\xff": "mjpeg", b"GIF8": "gif", b"\x89PNG": "apng"}
# Formats of FFmpeg that read no file's video: drawn text, lists of other files and of streams,
# scripts, devices. A file of such a list would show what lies elsewhere, or listen on the network.
_NO_FILES = frozenset(
    {"adf", "bin", "concat", "dash", "data", "hls", "idf", "image2", "lavfi", "rtp", "rtsp", "sap"}
    | {"sdp", "tty", "video4linux2,v4l2", "x11grab", "xbin", "fbdev", "kmsgrab", "alsa", "oss"}
    | {"avisynth", "imf", "vapoursynth"}
)


def import_av() -> ModuleType:
    """Import PyAV, which then keeps its messages to itself.

    Raises:
        MissingExtraError: if it is not installed.
    """
    with needs_extra("stream", "reading videos"):
        import av
        import av.logging
    av.logging.set_level(None)  # errors are reported once, by us
    return av


def error_words(error: Exception) -> str:
    """Return what an error of PyAV says, without the path or address."""
    return getattr(error, "strerror", None) or str(error)


class _Nameless:
    """An open file whose name FFmpeg does not see, since it would count as the content does."""

    def __init__(self, path: Path) -> None:
        file = path.open("rb", buffering=0)
        self.read, self.seek, self.tell, self.close = file.read, file.seek, file.tell, file.close


def open_file(path: Path) -> Any:
    """Open a video file with PyAV; its format is recognised by its content.

    No other file is opened, and nothing on the network, whatever the file says.

    Raises:
        MissingExtraError: if PyAV is not installed.
        OSError: if the file cannot be read or is no video, or another error of PyAV.
    """
    with path.open("rb") as file:
        start = file.read(4)
    known = next((name for first, name in _MOVING.items() if start.startswith(first)), None)
    return _open(path, known)


def _open(path: Path, known: str | None = None, refused: Set[str] = frozenset()) -> Any:
    """Open a file as one of the formats whose videos are in the file itself.

    Args:
        path: the file.
        known: its format, None to recognise it.
        refused: formats that it must not be of.
    """
    av = import_av()
    formats = ",".join(sorted(av.formats_available - _NO_FILES - refused))
    options = {"format_whitelist": formats, "protocol_whitelist": "none"}
    try:
        return av.open(_Nameless(path), format=known, options=options)
    except av.error.ArgumentError as error:  # of a format that is not on the list
        raise OSError(error.errno, "the file holds no video of its own") from error


def video_stream(container: Any) -> Any | None:
    """Return the first video stream of a PyAV container; the cover of music is none."""
    av = import_av()
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


def holds_video(path: Path) -> bool:
    """Return whether FFmpeg finds a video in a file; stills, text and lists of files are none.

    Raises:
        MissingExtraError: if PyAV is not installed.
    """
    av = import_av()
    stills = {name for name in av.formats_available if name.endswith("_pipe")}
    try:
        with _open(path, refused=stills) as container:
            stream = video_stream(container)
            return stream is not None and (
                stream.codec_context is None or stream.codec_context.width > 0
            )
    except (OSError, ValueError, av.error.FFmpegError):
        return False


def nominal_rate(stream: Any) -> Fraction | None:
    """Return the frames a second of a PyAV video stream, None if it is not known."""
    rate = stream.average_rate or stream.guessed_rate
    # Some streams give their clock instead, 90,000 ticks a second.
    return Fraction(rate) if rate and rate <= MOST_FRAMES_A_SECOND else None


def pixel_aspect(stream: Any) -> Fraction:
    """Return how much wider than high the pixels of a PyAV video stream are shown."""
    aspect = stream.sample_aspect_ratio
    if not aspect or not Fraction(1, _MOST_STRETCH) <= aspect <= _MOST_STRETCH:
        return Fraction(1)
    return Fraction(aspect)


def upright(frame: Any, aspect: Fraction = _SQUARE) -> Image:
    """Return the pixels of a PyAV frame as a viewer sees them, (height, width, 3) BGR.

    Args:
        frame: the frame, with the rotation, and perhaps mirroring, that its file asks for.
        aspect: the width of its pixels in their height.
    """
    width = max(1, round(frame.width * aspect))
    image = frame.to_ndarray(format="bgr24", width=width, height=frame.height)
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return np.asarray(image)
    # ISO/IEC 14496-12, 8.5.2: what is at (x, y) is shown at (ax + cy, bx + dy)
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].tolist()
    if abs(b) > abs(a):
        image, a, d = image.swapaxes(0, 1), c, b
    return np.ascontiguousarray(image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])
