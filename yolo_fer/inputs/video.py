"""Decoding video files frame by frame, with true time stamps and as a viewer sees them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from queue import Empty, Full, Queue
from types import ModuleType
from typing import Any, TypeVar

from yolo_fer.errors import FileFault
from yolo_fer.images import Image
from yolo_fer.inputs.ffmpeg import (
    MAX_FRAME_PIXELS,
    error_words,
    import_av,
    nominal_rate,
    open_file,
    pixel_aspect,
    upright,
    video_stream,
)
from yolo_fer.inputs.file_structure import structure_fault
from yolo_fer.inputs.frame_decoder import FrameDecoder
from yolo_fer.inputs.packet_account import PacketAccount
from yolo_fer.runtime.byte_budget import ByteBudget

T = TypeVar("T")

_POLL_SECONDS = 0.1
_TIMEOUT_S = 30.0  # of each read from a server


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One decoded frame.

    Args:
        index: the number of frames that were decoded before it.
        time_ms: its time stamp; None if the file has none. With a variable frame rate it does not
            follow from the index.
        image: (height, width, 3) BGR, upright; the size may change within a file.
    """

    index: int
    time_ms: float | None
    image: Image

    def size_in_bytes(self) -> int:
        """Return how much memory the pixels take."""
        return self.image.nbytes


@dataclass(frozen=True, slots=True)
class VideoProblem:
    """Why a video has no more frames: the reason by which it is counted, and a sentence."""

    reason: FileFault
    detail: str


class VideoFile:
    """A video file of which everything is read that decodes.

    What the container says about its length is never believed, only compared: where fewer frames
    decode than it or the packets announce, `problem` says so. Where the data are damaged the
    reading ends: after a lost frame the numbers of the others are not known. So a file that is cut
    short yields the frames before the cut.

    Args:
        path: the path of the file, or its `http://` address; its format is recognised by its
            content.
        threads: the number of threads of the decoder.
        options: options of FFmpeg for an address, by name.

    Attributes:
        problem: `missing_video`, `empty_video`, `not_a_video`, `no_decoder`, `video_too_large`,
            `no_frames` or `damaged_video`; None until the frames were read, and if nothing was
            wrong.
        frame_rate: the nominal number of frames a second; None before the first frame, and if the
            file does not say.
        claimed_frames: the number of frames that the container claims; only a progress bar may rely
            on it.
        decoded: the number of frames that decoded so far.
        packets: the number of coded frames that were met, those after `stop` included.

    Example:
        >>> video = VideoFile(Path("nowhere.mp4"))
        >>> [frame.index for frame in video.frames()], str(video.problem.reason)
        ([], 'missing_video')
    """

    def __init__(
        self, path: Path | str, *, threads: int = 1, options: Mapping[str, str] | None = None
    ) -> None:
        self.path = Path(path)
        self._address = str(path)
        self._timeout_s = None if isinstance(path, Path) else _TIMEOUT_S
        self._options = dict(options or {})
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
            wanted: a function that says by its index whether a frame is yielded; the others are
                decoded, but not turned into pixels. None yields all.
            stop: the index at which to stop decoding; None decodes to the end.

        Raises:
            MissingExtraError: if PyAV is not installed.
        """
        av = import_av()
        self.problem, self.decoded, self.packets = None, 0, 0
        try:
            if self._timeout_s is None and not self.path.stat().st_size:
                self.problem = VideoProblem(FileFault.EMPTY_VIDEO, "the file is empty")
                return
            container = self._open(av)
        except FileNotFoundError:
            self.problem = VideoProblem(FileFault.MISSING_VIDEO, "the file does not exist")
            return
        except (OSError, ValueError, av.error.FFmpegError) as error:
            self.problem = VideoProblem(FileFault.NOT_A_VIDEO, error_words(error))
            return
        with container:
            stream = video_stream(container)
            self.problem = _problem_of(stream)
            if stream is None or self.problem is not None:
                return
            self.frame_rate = nominal_rate(stream)
            self.claimed_frames = stream.frames or None
            stretch = pixel_aspect(stream)
            account = PacketAccount(container, stream)
            for frame in self._decode(container, stream, account, stop):
                if wanted is None or wanted(self.decoded - 1):
                    time_ms = None if frame.time is None else round(1000 * float(frame.time), 3)
                    yield VideoFrame(self.decoded - 1, time_ms, upright(frame, stretch))
        if self.problem is not None:
            return
        is_to_end = stop is None or self.decoded < stop
        is_file = self._timeout_s is None
        fault = (
            structure_fault(self.path, self.decoded, account.packets)
            if is_to_end and is_file
            else None
        )
        if fault is not None:
            self._set_damaged(fault)
        elif not self.decoded:
            self.problem = VideoProblem(FileFault.NO_FRAMES, "the file holds no frame that decodes")
        elif is_to_end and (missing := account.missing(self.decoded)) is not None:
            self._set_damaged(missing)

    def _open(self, av: ModuleType) -> Any:
        if self._timeout_s is not None:
            return av.open(self._address, options=self._options, timeout=self._timeout_s)
        return open_file(self.path)

    def _decode(
        self, container: Any, stream: Any, account: PacketAccount, stop: int | None
    ) -> Iterator[Any]:
        stream.codec_context.thread_count = self._threads
        # Frames decoded side by side would all be lost with a damaged one.
        stream.codec_context.thread_type = "SLICE"
        decoder = FrameDecoder(container)
        try:
            for packet in container.demux():
                account.count(packet)
                if packet.stream_index != stream.index:
                    continue
                self.packets += packet.size > 0
                if self.decoded == stop:
                    continue  # counting costs next to nothing, decoding does
                frames = [] if packet.is_corrupt else self._frames_of(packet, decoder)
                for frame in frames:
                    if frame.is_corrupt:
                        break
                    if frame.width * frame.height > MAX_FRAME_PIXELS:
                        self.problem = _too_large(frame)
                        return
                    if self.decoded != stop:
                        self.decoded += 1
                        account.is_interlaced |= frame.interlaced_frame
                        yield frame
                else:
                    if not packet.is_corrupt:
                        continue
                self._set_damaged("its data are incomplete")
                return
        except (OSError, ValueError, import_av().error.FFmpegError) as error:
            self._set_damaged(error_words(error))

    def _frames_of(self, packet: Any, decoder: FrameDecoder) -> list[Any]:
        try:
            return decoder.frames(packet)
        except (OSError, ValueError):
            if self.decoded:
                raise
            return []  # a stream may begin in the middle of a group of pictures

    def _set_damaged(self, why: str) -> None:
        detail = f"decoding stopped after {self.decoded} frames: {why}"
        self.problem = VideoProblem(FileFault.DAMAGED_VIDEO, detail)


def _problem_of(stream: Any | None) -> VideoProblem | None:
    if stream is None:
        return VideoProblem(FileFault.NOT_A_VIDEO, "the file has no video stream")
    if stream.codec_context is None:
        return VideoProblem(
            FileFault.NO_DECODER,
            "the installed FFmpeg has no decoder for its codec; convert it, for example to H.264",
        )
    codec = stream.codec_context
    return _too_large(codec) if codec.width * codec.height > MAX_FRAME_PIXELS else None


def _too_large(sized: Any) -> VideoProblem:
    return VideoProblem(
        FileFault.VIDEO_TOO_LARGE,
        f"its frames have {sized.width}x{sized.height} pixels, "
        f"more than {MAX_FRAME_PIXELS // 10**6} million",
    )


def ahead(
    items: Generator[T, None, None], count: int, size: Callable[[T], int] = lambda _: 0
) -> Generator[T, None, None]:
    """Yield what a generator yields, computed by a thread that is up to `count` items ahead.

    Decoding then goes on while the caller works on the frames. The thread ends with this generator.

    Args:
        items: the generator that the thread runs.
        count: the greatest number of items that wait.
        size: a function that returns the bytes of an item; fewer wait where they take more than
            `IN_FLIGHT_BYTES`.
    """
    queue: Queue[tuple[bool, Any]] = Queue(count)
    over = threading.Event()
    budget = ByteBudget()

    def put(entry: tuple[bool, Any]) -> None:
        while not over.is_set():
            try:
                queue.put(entry, timeout=_POLL_SECONDS)
            except Full:
                continue
            return

    def fill() -> None:
        try:
            for ticket, item in enumerate(items):
                budget.take(ticket, size(item))
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
            budget.give_back(size(item))
    finally:
        over.set()
        budget.close()
        _empty(queue)
        thread.join()


def _empty(queue: Queue[Any]) -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        pass
