"""Decoding the packets of a video to frames, each with its true time stamp."""

from __future__ import annotations

from typing import Any

from yolo_fer.errors import ImageError
from yolo_fer.images.header import check_jpeg_frame

# They say of a packet only when it is decoded. When it is shown is FFmpeg's guess, which is wrong
# where frames are shown in another order than that of their packets.
_DECODING_TIMES_ONLY = ("avi", "asf")


class FrameDecoder:
    """Decodes the packets of one video stream, in their order.

    Args:
        container: PyAV's open container.
    """

    def __init__(self, container: Any) -> None:
        self._times = FrameTimes()
        self._expects = container.format.name in _DECODING_TIMES_ONLY

    def frames(self, packet: Any) -> list[Any]:
        """Return the frames that decode with a packet; their `pts` and `time` are true.

        Raises:
            ValueError: if it is a picture that would take minutes.
            OSError: or another error of PyAV, if it is damaged.
        """
        if packet.size and packet.stream.codec_context.name == "mjpeg":
            try:
                check_jpeg_frame(bytes(packet))
            except ImageError as error:
                raise ValueError(str(error)) from error
        if self._expects and packet.pts is not None:
            self._times.expect(packet.pts)
        frames = list(packet.decode())
        for frame in frames:
            if not frame.is_corrupt:  # those are made up for lost data, and not shown
                frame.pts = self._times.next(frame.pts, frame.dts)
        return frames


class FrameTimes:
    """Time stamps of frames, taken in the order in which they are shown.

    As in FFmpeg's own tools, the time stamps of showing (`pts`) are believed until they failed to
    grow more often than those of decoding (`dts`). From then on the latter say how much time passes
    from one frame to the next.
    """

    def __init__(self) -> None:
        self._expected: list[int] = []
        self._are_guesses = False
        self._wrong_pts = self._wrong_dts = 0
        self._pts: int | None = None
        self._dts: int | None = None
        self._time: int | None = None
        self._shift: int | None = None  # from `dts` to the time, while `pts` is not believed
        self._step = 1

    def expect(self, pts: int) -> None:
        """Take the time stamp that a packet guesses for its frame, before it is decoded.

        A frame that comes before another one with a smaller guess shows that they are wrong before
        one of them goes back.
        """
        if not self._are_guesses:
            self._expected.append(pts)

    def next(self, pts: int | None, dts: int | None) -> int | None:
        """Return the time stamp of the next frame; None if it has none.

        Args:
            pts: when it is shown, as its own packet says.
            dts: when the packet that completed it is decoded; the last frames of a file need none
                and have None.
        """
        if pts is None:
            return None
        dts_before = self._dts
        self._judge(pts, dts)
        if self._are_guesses or self._wrong_pts > self._wrong_dts:
            time = self._by_decoding(pts, dts, dts_before)
        else:
            time, self._shift = pts, None
        if self._time is not None and time > self._time:
            self._step = time - self._time
        self._time = time
        return time

    def _judge(self, pts: int, dts: int | None) -> None:
        if self._pts is not None:
            self._wrong_pts += pts <= self._pts
            self._are_guesses |= any(other < pts for other in self._expected)
        if dts is not None:
            self._wrong_dts += self._dts is not None and dts <= self._dts
            self._dts = dts
        self._expected = [other for other in self._expected if other > pts]
        self._pts = pts

    def _by_decoding(self, pts: int, dts: int | None, dts_before: int | None) -> int:
        if self._time is None or self._dts is None:
            return pts
        after = self._time + self._step
        if dts is None:
            return after
        if self._shift is None:
            self._shift = after - dts if dts_before is None else self._time - dts_before
        time = dts + self._shift
        return time if time > self._time else after
