"""Decoding video files frame by frame, with true time stamps and as a viewer sees them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from queue import Empty, Full, Queue
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from yolo_fer.errors import MissingExtraError
from yolo_fer.images import Image
from yolo_fer.inputs.matroska import is_cut_short

T = TypeVar("T")

MOST_FRAMES_A_SECOND = 1000
"""More is no frame rate, whatever a driver or a container says."""

_POLL_SECONDS = 0.1
_TIMEOUT_S = 30.0  # of each read from a server


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One decoded frame.

    Args:
        index: how many frames decoded before it.
        time_ms: its time stamp; None if the file has none. With a variable frame rate it does not
            follow from the index.
        image: (height, width, 3) BGR, upright; the size may change within a file.
    """

    index: int
    time_ms: float | None
    image: Image


@dataclass(frozen=True, slots=True)
class VideoProblem:
    """Why a video gives no more frames: a ledger key and a sentence for a person."""

    reason: str
    detail: str


class VideoFile:
    """A video file of which everything is read that decodes.

    What the container says about its length is never used. Where the data are damaged the reading
    ends: behind a lost frame nobody knows the numbers of the others. So a file that is cut short
    gives what comes before the cut, and `problem` says so.

    Args:
        path: of the file, or its `http://` address; its format is told by its content.
        threads: of the decoder.

    Attributes:
        problem: `missing_video`, `empty_video`, `not_a_video`, `no_frames` or `damaged_video`; None
            until the frames were read, and if nothing was wrong.
        frame_rate: nominal, in frames a second; None until the first frame, and if nothing tells.
        claimed_frames: how many frames the container claims; good for a progress bar only.
        decoded: the number of frames that decoded so far.
        packets: the number of coded frames that were met, those behind `stop` included.

    Example:
        >>> video = VideoFile(Path("nowhere.mp4"))
        >>> [frame.index for frame in video.frames()], video.problem.reason
        ([], 'missing_video')
    """

    def __init__(self, path: Path | str, *, threads: int = 1) -> None:
        self.path = Path(path)
        # To FFmpeg, what stands before a colon is a protocol.
        self._address = f"file:{path}" if isinstance(path, Path) else path
        self._timeout_s = None if isinstance(path, Path) else _TIMEOUT_S
        self.problem: VideoProblem | None = None
        self.frame_rate: Fraction | None = None
        self.claimed_frames: int | None = None
        self.decoded = 0
        self.packets = 0
        self._threads = threads

    def frames(
        self, wanted: Callable[[int], bool] | None = None, stop: int | None = None
    ) -> Generator[VideoFrame, None, None]:
        """Yield the frames one by one, so that the length of a video costs no memory.

        Args:
            wanted: tells by its index whether a frame is yielded; the others are decoded, but not
                turned into pixels. None yields all.
            stop: the index at which to stop decoding; None decodes to the end.

        Raises:
            MissingExtraError: if PyAV is not installed.
        """
        av = import_av()
        self.problem, self.decoded, self.packets = None, 0, 0
        try:
            if self._timeout_s is None and not self.path.stat().st_size:
                self.problem = VideoProblem("empty_video", "the file is empty")
                return
            container = av.open(self._address, timeout=self._timeout_s)
        except FileNotFoundError:
            self.problem = VideoProblem("missing_video", "the file does not exist")
            return
        except (OSError, ValueError, av.error.FFmpegError) as error:
            self.problem = VideoProblem("not_a_video", error_words(error))
            return
        with container:
            if not container.streams.video:
                self.problem = VideoProblem("not_a_video", "the file has no video stream")
                return
            self.frame_rate = nominal_rate(container.streams.video[0])
            self.claimed_frames = container.streams.video[0].frames or None
            for frame in self._decode(container, stop):
                if wanted is None or wanted(self.decoded - 1):
                    yield VideoFrame(self.decoded - 1, _time_ms(frame), upright(frame))
        if self.problem is not None:
            return
        if self._timeout_s is None and is_cut_short(self.path):
            self._set_damaged("the file is cut short")
        elif not self.decoded:
            self.problem = VideoProblem("no_frames", "the file holds no frame that decodes")

    def _decode(self, container: Any, stop: int | None) -> Iterator[Any]:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = self._threads
        # Frames decoded side by side would all be lost with a damaged one.
        stream.codec_context.thread_type = "SLICE"
        try:
            for packet in container.demux(stream):
                self.packets += packet.size > 0
                if self.decoded == stop:
                    continue  # counting costs next to nothing, decoding does
                frames = [] if packet.is_corrupt else self._frames_of(packet)
                for frame in frames:
                    if frame.is_corrupt:
                        break
                    if self.decoded != stop:
                        self.decoded += 1
                        yield frame
                else:
                    if not packet.is_corrupt:
                        continue
                self._set_damaged("its data are incomplete")
                return
        except (OSError, ValueError, import_av().error.FFmpegError) as error:
            self._set_damaged(error_words(error))

    def _frames_of(self, packet: Any) -> list[Any]:
        try:
            return list(packet.decode())
        except (OSError, ValueError):
            if self.decoded:
                raise
            return []  # a stream may begin in the middle of a group of pictures

    def _set_damaged(self, why: str) -> None:
        detail = f"decoding stopped after {self.decoded} frames: {why}"
        self.problem = VideoProblem("damaged_video", detail)


def nominal_rate(stream: Any) -> Fraction | None:
    """Return the frames a second of a PyAV video stream, None if nothing tells."""
    rate = stream.average_rate or stream.guessed_rate
    # Some streams give their clock instead, 90,000 ticks a second.
    return Fraction(rate) if rate and rate <= MOST_FRAMES_A_SECOND else None


def ahead(items: Generator[T, None, None], count: int) -> Generator[T, None, None]:
    """Yield what a generator yields, computed by a thread that is up to `count` items ahead.

    Decoding then goes on while somebody works on the frames. The thread ends with this generator.
    """
    queue: Queue[tuple[bool, Any]] = Queue(count)
    over = threading.Event()

    def put(entry: tuple[bool, Any]) -> None:
        while not over.is_set():
            try:
                queue.put(entry, timeout=_POLL_SECONDS)
            except Full:
                continue
            return

    def fill() -> None:
        try:
            for item in items:
                put((True, item))
                if over.is_set():
                    return
            put((False, None))
        except BaseException as error:
            put((False, error))
        finally:
            items.close()

    thread = threading.Thread(target=fill, daemon=True)
    thread.start()
    try:
        while True:
            more, item = queue.get()
            if not more:
                if item is not None:
                    raise item
                return
            yield item
    finally:
        over.set()
        _empty(queue)
        thread.join()


def _empty(queue: Queue[Any]) -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        pass


def import_av() -> ModuleType:
    """Import PyAV, which then keeps its messages to itself.

    Raises:
        MissingExtraError: if it is not installed.
    """
    try:
        import av
        import av.logging
    except ImportError as error:
        raise MissingExtraError("av", "stream", "reading videos") from error
    av.logging.set_level(None)  # what goes wrong is told once, by us
    return av


def _time_ms(frame: Any) -> float | None:
    return None if frame.time is None else round(1000 * float(frame.time), 3)


def upright(frame: Any) -> Image:
    """Return the pixels of a PyAV frame, (height, width, 3) BGR, its rotation applied."""
    image = frame.to_ndarray(format="bgr24")
    turns = round(frame.rotation / 90)  # counterclockwise, as in NumPy
    return np.ascontiguousarray(np.rot90(image, turns)) if turns % 4 else np.asarray(image)


def error_words(error: Exception) -> str:
    """Return what an error of PyAV says, without the path or address."""
    return getattr(error, "strerror", None) or str(error)
