"""Where frames come from: a video file, a camera or a network stream, with one protocol."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Protocol

from yolo_fer.errors import ImageError, UsageError
from yolo_fer.images import decode, read_bytes
from yolo_fer.inputs.addresses import camera_index, is_address, scheme, without_password
from yolo_fer.inputs.file_kinds import FileKind, kind_of
from yolo_fer.inputs.live import LiveSource, Retry
from yolo_fer.inputs.network_stream import connect_stream
from yolo_fer.inputs.video import VideoFile, VideoFrame, VideoProblem, ahead

AHEAD = 4
"""Frames of a file that are decoded while one is predicted, as far as the bytes allow."""
_SCHEMES = ("rtsp", "rtsps", "http", "https")
_LISTED = ", ".join(f"{scheme}://" for scheme in _SCHEMES)


class FrameSource(Protocol):
    """Frames of one video, camera or stream, in order."""

    @property
    def name(self) -> str:
        """What the user called it."""

    @property
    def live(self) -> bool:
        """Whether old frames are dropped rather than delayed; certain once frames come."""

    @property
    def frame_rate(self) -> Fraction | None:
        """The nominal number of frames a second, known at the latest with the first frame."""

    @property
    def claimed_frames(self) -> int | None:
        """How many frames it claims to have; good for a progress bar only."""

    @property
    def problem(self) -> VideoProblem | None:
        """Why its frames ended before its end; None until they were read, and if all is well."""

    @property
    def dropped(self) -> int:
        """How many decoded frames were left out because newer ones were there."""

    @property
    def reconnects(self) -> int:
        """How often it went away and came back."""

    def frames(self) -> Generator[VideoFrame, None, None]:
        """Yield the frames; to be called once.

        Raises:
            YoloFerError: if a camera or stream cannot be opened.
            MissingExtraError: if a package for reading videos is not installed.
        """

    def close(self) -> None:
        """End the reading; the frames end, too."""


class FileSource:
    """A video file, of which no frame is lost, or an image as a video of one frame.

    Args:
        path: the path of the file.
        name: the name of the source in results; None is the path.
        ahead: the number of frames that a thread decodes while one is predicted, as far as the
            bytes allow; with 0 there is no thread.
    """

    live = False
    dropped = 0
    reconnects = 0

    def __init__(self, path: Path, name: str | None = None, ahead: int = AHEAD) -> None:
        self.name = str(path) if name is None else name
        self._ahead = ahead
        self._video = ImageAsVideo(path) if kind_of(path) is FileKind.IMAGE else VideoFile(path)
        self._closed = False

    @property
    def frame_rate(self) -> Fraction | None:
        """The nominal number of frames a second, known at the latest with the first frame."""
        return self._video.frame_rate

    @property
    def claimed_frames(self) -> int | None:
        """As `VideoFile.claimed_frames`."""
        return self._video.claimed_frames

    @property
    def problem(self) -> VideoProblem | None:
        """As `VideoFile.problem`."""
        return self._video.problem

    def frames(self) -> Generator[VideoFrame, None, None]:
        """Yield every frame that decodes."""
        frames = self._video.frames()
        if self._ahead:
            frames = ahead(frames, self._ahead, VideoFrame.size_in_bytes)
        with closing(frames):
            for frame in frames:
                if self._closed:
                    return
                yield frame

    def close(self) -> None:
        """End the reading; the frames end, too."""
        self._closed = True


class ImageAsVideo:
    """An image file as a video of one frame, without a time.

    Args:
        path: the path of the file.
    """

    frame_rate = None
    claimed_frames = 1

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problem: VideoProblem | None = None

    def frames(self) -> Generator[VideoFrame, None, None]:
        """Yield the image, if it can be read."""
        try:
            image = decode(read_bytes(self._path))
        except ImageError as error:
            self.problem = VideoProblem(error.reason, str(error))
            return
        yield VideoFrame(0, None, image)


def open_source(
    spec: str | Path | int, name: str | None = None, *, trust_certificate: bool = False
) -> FrameSource:
    """Return the source of a file, a camera or a network stream; nothing is read before `frames`.

    Args:
        spec: a video file, the index of a camera (`0`, `"0"` or `/dev/video0`), or an `rtsp://`,
            `rtsps://`, `http://` or `https://` address. A file that exists is that file, whatever
            it is called.
        name: the name of the source in results; None is the `spec`, without the password of an
            address.
        trust_certificate: accept any certificate of an `https://` or `rtsps://` server.

    Raises:
        UsageError: if the address has another scheme.

    Example:
        >>> source = open_source("clip.mp4")
        >>> source.name, source.live
        ('clip.mp4', False)
    """
    source = str(spec)
    index = camera_index(source)
    if index is not None:
        from yolo_fer.inputs.cameras import CAMERA_RETRY, CameraConnection

        return LiveSource(name or source, partial(CameraConnection, index), CAMERA_RETRY)
    if is_address(source):
        if scheme(source) not in _SCHEMES:
            raise UsageError(
                f"{without_password(source)}: give an address that starts with {_LISTED}"
            )
        connect = partial(connect_stream, source, trust_certificate=trust_certificate)
        return LiveSource(name or without_password(source), connect, Retry())
    return FileSource(Path(source), name or source)
