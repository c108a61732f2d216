"""Network streams, RTSP and HTTP, through PyAV."""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from yolo_fer.images import Image
from yolo_fer.inputs import certificates
from yolo_fer.inputs.addresses import password_hint, scheme
from yolo_fer.inputs.ffmpeg import (
    MAX_FRAME_PIXELS,
    error_words,
    import_av,
    nominal_rate,
    pixel_aspect,
    upright,
    video_stream,
)
from yolo_fer.inputs.frame_decoder import FrameDecoder
from yolo_fer.inputs.live import SourceGone
from yolo_fer.inputs.motion_jpeg import MotionJpegConnection, connect_motion_jpeg
from yolo_fer.inputs.video import VideoFile

TIMEOUT_S = 10.0
"""A stream that sends nothing for so many seconds is away."""

_ADVICE = "check the address, and that its server runs and can be reached from here"


def connect_stream(
    url: str, timeout_s: float = TIMEOUT_S, trust_certificate: bool = False
) -> StreamConnection | MotionJpegConnection | VideoFile:
    """Open a stream; an HTTP address that has an end is returned as the file that it is.

    Args:
        url: the address of the stream.
        timeout_s: the seconds after which the stream is given up if nothing comes.
        trust_certificate: accept any certificate of an `https://` or `rtsps://` server.

    Raises:
        SourceGone: if it cannot be opened.
        MissingExtraError: if PyAV is not installed.
    """
    av = import_av()
    advice = _ADVICE + password_hint(url)
    url = scheme(url) + url[len(scheme(url)) :]  # FFmpeg knows them in lower case only
    if scheme(url).startswith("http"):
        try:
            pictures = connect_motion_jpeg(url, timeout_s, trust_certificate)
        except TimeoutError as error:
            raise SourceGone(f"it sends no video within {timeout_s:g} s; {advice}") from error
        if pictures is not None:
            return pictures
    # Over UDP, packets get lost and the pictures with them.
    transport = {"rtsp_transport": "tcp"} if scheme(url).startswith("rtsp") else {}
    tls = certificates.ffmpeg_options(trust_certificate)
    if scheme(url) == "rtsps" and not trust_certificate:
        advice += f"; {certificates.ADVICE}"
    try:
        container = av.open(url, options=transport | tls, timeout=(timeout_s, timeout_s))
    except av.error.ExitError as error:
        raise SourceGone(f"it sends no video within {timeout_s:g} s; {advice}") from error
    except (av.error.HTTPClientError, av.error.ProtocolNotFoundError) as error:
        raise SourceGone(f"{error_words(error)}; {advice}", hopeless=True) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise SourceGone(f"it cannot be opened: {error_words(error)}; {advice}") from error
    if _has_end(container) and scheme(url).startswith("http"):
        container.close()
        return VideoFile(url, options=tls)
    stream = video_stream(container)
    if stream is None:
        container.close()
        raise SourceGone("it has no video, only sound or data", hopeless=True)
    if stream.codec_context is None:
        container.close()
        raise SourceGone("the installed FFmpeg has no decoder for its codec", hopeless=True)
    return StreamConnection(container, stream, timeout_s)


class StreamConnection:
    """An open stream.

    Args:
        container: PyAV's container, with time-outs set.
        stream: PyAV's video stream of that container.
        timeout_s: the seconds after which the stream is given up if no frame can be decoded.
    """

    def __init__(self, container: Any, stream: Any, timeout_s: float) -> None:
        self._container = container
        self._decoder = FrameDecoder(container)
        self._stream = stream
        self._timeout_s = timeout_s
        # Formats without time stamps, such as motion JPEG: FFmpeg would count 25 frames a second.
        no_times = import_av().format.Flags.no_timestamps.value
        self._has_times = not container.format.flags & no_times

    @property
    def frame_rate(self) -> Fraction | None:
        """What the stream says of itself."""
        return nominal_rate(self._stream) if self._has_times else None

    def frames(self) -> Iterator[tuple[float | None, Image]]:
        """Yield the frames that are whole, from the first key frame on.

        Raises:
            SourceGone: when it ends, hangs or sends nothing that decodes.
        """
        av = import_av()
        deadline = time.monotonic() + self._timeout_s
        aspect = pixel_aspect(self._stream)
        try:
            for packet in self._container.demux(self._stream):
                for frame in self._decode(packet):
                    deadline = time.monotonic() + self._timeout_s
                    yield frame.time if self._has_times else None, upright(frame, aspect)
                if time.monotonic() > deadline:
                    raise SourceGone(f"nothing it sent for {self._timeout_s:g} s decodes")
        except av.error.ExitError as error:
            raise SourceGone(f"it sent nothing for {self._timeout_s:g} s") from error
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise SourceGone(error_words(error)) from error
        raise SourceGone("its server ended it")

    def _decode(self, packet: Any) -> list[Any]:
        try:
            frames = self._decoder.frames(packet)
        except (OSError, ValueError):
            return []  # lost data; with the next key frame it heals
        # What the decoder made up for lost data is no frame of the stream.
        frames = [frame for frame in frames if not frame.is_corrupt]
        if any(frame.width * frame.height > MAX_FRAME_PIXELS for frame in frames):
            raise SourceGone(
                f"its frames have more than {MAX_FRAME_PIXELS // 10**6} million pixels",
                hopeless=True,
            )
        return frames

    def close(self) -> None:
        """Hang up."""
        self._container.close()


def _has_end(container: Any) -> bool:
    if container.duration and container.duration > 0:
        return True
    # The size of an HLS stream is that of its list of segments.
    return bool(container.size > 0) and container.format.name != "hls"
