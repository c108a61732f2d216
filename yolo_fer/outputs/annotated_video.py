"""An annotated copy of a video or stream, at its own pace and readable however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images import Image
from yolo_fer.images.fitting import fit_into, shrunk_size
from yolo_fer.inputs.ffmpeg import error_words, import_av
from yolo_fer.outputs.drawing import annotate
from yolo_fer.outputs.face_blur import FaceBlur
from yolo_fer.outputs.sink import FileSink, refuse_existing_file, refuse_sources, writing
from yolo_fer.predict.frame_time import ASSUMED_FRAME_RATE, seconds
from yolo_fer.predict.predicted import Predicted

# Fragments of a second are whole files of their own: after a kill all but the last one are there,
# and a stream of days takes no more memory than one of seconds.
_CONTAINER_OPTIONS = {
    "movflags": "+empty_moov+default_base_moof",
    "frag_duration": "1000000",
    "flush_packets": "1",
}
# The fastest preset with deblocking. Without B-frames the encoder holds nothing back.
_H264_OPTIONS = {"preset": "superfast", "crf": "21", "bf": "0"}
_MPEG4_OPTIONS = {"qmin": "2", "qmax": "6"}
_MPEG4_CLOCK = 60_000  # it counts in at most 65,535 parts of a second
_H264_CLOCK = 90_000
_SMPTE170M = 6  # the matrix by which OpenCV makes YUV
_LIMITED_RANGE = 1
_LEAST_SIDE = 16  # pixels; an encoder refuses less, and more than these
_H264_LONGEST_SIDE, _MPEG4_LONGEST_SIDE = 16_384, 8_190
_JUMP_SECONDS = 1.0


class AnnotatedVideoSink(FileSink):
    """One video or stream with boxes and labels drawn in, as a fragmented MP4 file.

    Frames keep their time stamps, counted from the first, so any frame rate, a variable one too, is
    kept. The codec is H.264 where the installed PyAV has libx264, as its wheels do, else MPEG-4.
    If the size of the frames changes, later ones are fitted into the first size with black bars,
    since a file has one size. An odd width or height grows by a pixel, and frames that are too long
    for the codec are shrunk. The file is made when the first frame comes; it can be played while it
    grows and after a kill, to the last full second.

    Args:
        path: the path to write to, `.mp4`.
        frame_rate: the nominal number of frames a second, if it is known; time stamps decide.
        overwrite: replace a file that exists.
        blur: hide the faces; boxes and labels stay.

    Raises:
        UsageError: if the file exists or is no `.mp4`.
        MissingExtraError: if PyAV is not installed.

    Example:
        >>> from tempfile import mkdtemp
        >>> from yolo_fer.results import Prediction
        >>> path = Path(mkdtemp()) / "clip.mp4"
        >>> grey = np.full((48, 64, 3), 99, np.uint8)
        >>> with AnnotatedVideoSink(path, Fraction(30_000, 1001)) as sink:
        ...     for n in range(3):
        ...         frame = Prediction("clip", 64, 48, frame=n, time_ms=n * 1001 / 30)
        ...         sink.write(Predicted(grey, frame))
        >>> from yolo_fer.inputs.video import VideoFile
        >>> [frame.time_ms for frame in VideoFile(path).frames()]
        [0.0, 33.367, 66.733]
    """

    def __init__(
        self,
        path: Path,
        frame_rate: Fraction | None = None,
        overwrite: bool = False,
        *,
        blur: bool = False,
    ) -> None:
        if path.suffix.lower() != ".mp4":
            raise UsageError(f"{path}: an annotated video is an .mp4 file; name it so")
        refuse_existing_file(path, overwrite)
        self._av = import_av()
        self._path = path
        self._rate = Fraction(frame_rate or ASSUMED_FRAME_RATE)
        self._blur = FaceBlur(blur)
        self._file: _Mp4File | None = None

    def finish(self) -> None:
        """Write what the encoder still holds."""
        file, self._file = self._file, None
        if file is not None:
            with self._writing():
                file.close()

    def write(self, predicted: Predicted) -> None:
        """Write one frame; a frame without pixels is left out.

        Raises:
            UsageError: if the file is the video that is read.
            YoloFerError: if it cannot be written, for example because the disk is full.
        """
        image, prediction = predicted.image, predicted.prediction
        if image is None:
            return
        if self._file is None:
            refuse_sources([self._path], [prediction.source])
            with self._writing():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = _Mp4File(self._av, self._path, self._rate, image)
        shown = self._blur.hide(image, prediction)
        with self._writing():
            self._file.add(annotate(shown, prediction.faces), seconds(prediction))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with writing(self._path):
                yield
        except self._av.error.FFmpegError as error:  # those of a codec are no OSError
            raise YoloFerError(f"{self._path} cannot be encoded ({error_words(error)})") from error


class _Mp4File:
    """An open file with one video stream."""

    def __init__(self, av: ModuleType, path: Path, rate: Fraction, first: Image) -> None:
        self._av = av
        h264 = "libx264" in av.codecs_available
        width, height = shrunk_size(first, _H264_LONGEST_SIDE if h264 else _MPEG4_LONGEST_SIDE)
        self._size = max(width, _LEAST_SIDE), max(height, _LEAST_SIDE)
        clock = _ticks_a_second(rate, _H264_CLOCK if h264 else _MPEG4_CLOCK, h264)
        self._tick = Fraction(1, clock)
        self._pts = _Clock(clock, rate)
        # Opened by Python, a path with a colon is no address and a full disk is an OSError.
        self._raw = path.open("wb", buffering=0)
        try:
            self._container = av.open(self._raw, "w", format="mp4", options=_CONTAINER_OPTIONS)
            self._stream = self._container.add_stream(
                "libx264" if h264 else "mpeg4",
                rate=rate,
                options=_H264_OPTIONS if h264 else _MPEG4_OPTIONS,
            )
            self._configure(rate)
        except BaseException:
            self._raw.close()
            raise

    def _configure(self, rate: Fraction) -> None:
        stream, codec = self._stream, self._stream.codec_context
        stream.width, stream.height = (side + side % 2 for side in self._size)
        stream.pix_fmt = "yuv420p"
        codec.time_base = self._tick
        codec.gop_size = max(1, round(2 * rate))  # a jump into the video decodes two seconds
        codec.colorspace = codec.color_primaries = codec.color_trc = _SMPTE170M
        codec.color_range = _LIMITED_RANGE

    def add(self, image: Image, time: float) -> None:
        """Encode one BGR image of any size, shown at a time in seconds."""
        if (image.shape[1], image.shape[0]) != self._size:
            image = fit_into(image, self._size, grey=0)
        # OpenCV's conversion takes a fifth of the time of FFmpeg's.
        planes = cv2.cvtColor(_even(image), cv2.COLOR_BGR2YUV_I420)
        frame = self._av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = self._pts.next(time), self._tick
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write the rest; the file is closed even where that fails."""
        try:
            self._container.mux(self._stream.encode())
        finally:
            try:
                self._container.close()
            finally:
                self._raw.close()


class _Clock:
    """Turns times into ticks that grow from frame to frame, as a file needs them."""

    def __init__(self, ticks_a_second: int, rate: Fraction) -> None:
        self._ticks_a_second = ticks_a_second
        self._frame = max(1, round(ticks_a_second / rate))
        self._offset: float | None = None
        self._last = -1

    def next(self, time: float) -> int:
        """Return the ticks of the next frame, 0 for the first."""
        if self._offset is None:
            self._offset = time
        ticks = self._ticks(time)
        if ticks <= self._last - _JUMP_SECONDS * self._ticks_a_second:
            # The source began anew: its frames follow those that were written.
            self._offset = time - (self._last + self._frame) / self._ticks_a_second
            ticks = self._ticks(time)
        self._last = max(ticks, self._last + 1)
        return self._last

    def _ticks(self, time: float) -> int:
        return round((time - (self._offset or 0)) * self._ticks_a_second)


def _ticks_a_second(rate: Fraction, wanted: int, finer: bool) -> int:
    """Return a clock in which each frame of a constant rate takes a whole number of ticks."""
    if rate.numerator > wanted:
        return wanted
    times = wanted / rate.numerator
    return rate.numerator * (int(np.ceil(times)) if finer else int(times))


def _even(image: Image) -> Image:
    """Repeat the last row or column where their number is odd: colour has half the resolution."""
    height, width = image.shape[:2]
    if height % 2 == width % 2 == 0:
        return image
    return np.asarray(
        cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8
    )
