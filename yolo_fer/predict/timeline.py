"""The seven emotions of each tracked face over time, in memory that does not grow with time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import clip
from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.images.fitting import fit_into
from yolo_fer.predict.frame_time import seconds
from yolo_fer.results import FacePrediction, Prediction

BINS = 1024
"""Most bins of a timeline: more than a picture has columns."""
_FIRST_BIN_SECONDS = 1 / 64
_LONGEST_FRAME = 1.0  # seconds; after a longer one the source was away
_MOST_TRACKS = 256  # 33 kB each
_FOR_NEW_TRACKS = 64  # of those rows; the others belong to the tracks with the most frames
_RECENT_FRAMES = 60  # a tracker gives up a face that is away for longer
_MOST_COUNTED = 4096  # tracks without a row whose frames are known, a few hundred bytes each
_THUMBNAIL = 72  # pixels
_TICK_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_CLEARLY_BETTER = 0.05  # a thumbnail is not cut anew for less


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One tracked face.

    Args:
        source: the file or stream as the user named it.
        track: the number of its track in that source.
        edges: (B + 1,) the borders of the bins in seconds.
        probabilities: (B, 7) means in each bin, in the order of `Emotion`, which sum to 1; NaN
            where frames came and the face was not in them.
        frames: the number of frames in which it was found.
        thumbnail: (72, 72, 3) BGR, what it looked like at its best score; None without pixels.
    """

    source: str
    track: int
    edges: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    frames: int
    thumbnail: Image | None


_Key = tuple[str, int]  # the source, and the number of the track in it


@dataclass(slots=True)
class _Count:
    """What is known of a track without a row."""

    first: int
    frames: int = 0


@dataclass(slots=True)
class _Track:
    first: int
    last: int
    sums: NDArray[np.float32] = field(
        default_factory=lambda: np.zeros((BINS, len(Emotion) + 1), np.float32)
    )
    frames: int = 0
    best: float = -1.0
    thumbnail: Image | None = None


class Timeline:
    """Collects tracked faces, frame by frame.

    Times fall into at most `BINS` bins. When time goes beyond the last one, neighbours are merged
    and each bin spans twice the time, so hours take no more memory than minutes.

    At most 256 tracks have a row; the others are forgotten, and counted. The 192 that were found in
    the most frames keep their rows. The other rows are for faces that come: a new one takes the row
    of the track with the fewest frames that was not seen in the last 60. If all of those are there
    now, as in a crowd, it waits until it was found in more frames than one of them, and its
    probabilities begin then.

    Attributes:
        forgotten: the number of tracks that have no row.
        untracked: the number of faces that had no track.
    """

    def __init__(self) -> None:
        self.forgotten = 0
        self.untracked = 0
        self._tracks: dict[_Key, _Track] = {}
        self._without_row: dict[_Key, _Count] = {}  # the last one was seen last
        self._added = 0
        self._frames: dict[str, NDArray[np.float32]] = {}
        self._origin: float | None = None
        self._bin_seconds = _FIRST_BIN_SECONDS
        self._end = 0.0

    @property
    def span(self) -> tuple[float, float]:
        """The times of the first and the last frame in seconds."""
        start = self._origin or 0.0
        return start, start + self._end

    def add(self, prediction: Prediction, image: Image | None = None) -> None:
        """Take the next frame; images are left out, and faces without a track only counted.

        Args:
            prediction: the prediction of the frame.
            image: the pixels of the frame, for the thumbnails.
        """
        if prediction.frame is None:
            return
        self._added += 1
        column = self._column(seconds(prediction))
        frames = self._frames.setdefault(prediction.source, np.zeros(BINS, np.float32))
        frames[column] += 1
        for face in prediction.faces:
            if face.track is None:
                self.untracked += 1
            elif (track := self._track((prediction.source, face.track))) is not None:
                track.last = self._added
                self._add_face(track, column, face, image)

    def _column(self, time: float) -> int:
        if self._origin is None:
            self._origin = time
        elapsed = max(time - self._origin, 0.0)
        self._end = max(self._end, elapsed)
        while elapsed >= BINS * self._bin_seconds:
            self._merge_bins()
        return int(elapsed / self._bin_seconds)

    def _merge_bins(self) -> None:
        self._bin_seconds *= 2
        for frames in self._frames.values():
            frames[:] = _merged(frames)
        for track in self._tracks.values():
            track.sums[:] = _merged(track.sums)

    def _track(self, key: _Key) -> _Track | None:
        """Return a track that has a row or gets one now, None if it must wait."""
        track = self._tracks.get(key)
        if track is not None:
            return track
        count = self._without_row.pop(key, None)
        if count is None:
            count = _Count(first=self._added)
        else:
            self.forgotten -= 1
        if len(self._tracks) >= _MOST_TRACKS and not self._make_room(count.frames):
            count.frames += 1
            self._forget(key, count)
            return None
        track = self._tracks[key] = _Track(count.first, self._added, frames=count.frames)
        return track

    def _make_room(self, frames: int) -> bool:
        """Give up a row for a track that was found in so many frames before, if it may have one."""
        seen_least = sorted(self._tracks.items(), key=lambda item: item[1].frames)[:_FOR_NEW_TRACKS]
        key, least = min(seen_least, key=lambda item: (self._is_recent(item[1]), item[1].frames))
        if self._is_recent(least) and least.frames >= frames:
            return False
        del self._tracks[key]
        self._forget(key, _Count(least.first, least.frames))
        return True

    def _is_recent(self, track: _Track) -> bool:
        return track.last >= self._added - _RECENT_FRAMES

    def _forget(self, key: _Key, count: _Count) -> None:
        self.forgotten += 1
        self._without_row[key] = count
        if len(self._without_row) > _MOST_COUNTED:
            del self._without_row[next(iter(self._without_row))]

    @staticmethod
    def _add_face(track: _Track, column: int, face: FacePrediction, image: Image | None) -> None:
        track.sums[column, :-1] += face.probabilities
        track.sums[column, -1] += 1
        track.frames += 1
        if image is not None and face.score > track.best + _CLEARLY_BETTER:
            track.thumbnail = _thumbnail(image, face)
            track.best = face.score

    def rows(self) -> Iterator[TimelineRow]:
        """Yield the tracks in the order in which they were seen first."""
        bins = int(self._end / self._bin_seconds) + 1
        edges = np.arange(bins + 1, dtype=np.float64) * self._bin_seconds + self.span[0]
        for (source, number), track in sorted(self._tracks.items(), key=lambda i: i[1].first):
            counts = track.sums[:bins, -1:].astype(np.float64)
            with np.errstate(invalid="ignore"):
                means = track.sums[:bins, :-1] / counts
            held = _hold(means, self._frames[source][:bins], self._bin_seconds)
            yield TimelineRow(source, number, edges, held, track.frames, track.thumbnail)


def _merged(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add neighbouring bins of the first axis; the second half becomes empty."""
    half = values.reshape(BINS // 2, 2, *values.shape[1:]).sum(axis=1)
    return np.concatenate([half, np.zeros_like(half)])


def _hold(
    means: NDArray[np.float64], frames: NDArray[np.float32], bin_seconds: float
) -> NDArray[np.float64]:
    """Let means last until the next frame: a bin without any frame says nothing of a face."""
    held = means.copy()
    longest, since = _LONGEST_FRAME / bin_seconds, 0
    for column in range(1, int(np.flatnonzero(frames)[-1]) + 1):
        since = 0 if frames[column] else since + 1
        if 0 < since <= longest:
            held[column] = held[column - 1]
    return held


def _thumbnail(image: Image, face: FacePrediction) -> Image | None:
    height, width = image.shape[:2]
    x1, y1, x2, y2 = np.rint(clip(np.array([face.box]), width, height)[0]).astype(int)
    if x1 >= x2 or y1 >= y2:
        return None
    return fit_into(image[y1:y2, x1:x2], (_THUMBNAIL, _THUMBNAIL), grey=255)


def tick_step(span: float, most: int = 12) -> float:
    """Return the seconds between at most `most` ticks: a number that people count by.

    >>> tick_step(20), tick_step(20, most=4)
    (2, 5)
    """
    for step in _TICK_SECONDS:
        if span / step <= most:
            return step
    return 3600 * float(np.ceil(span / 3600 / most))


def clock_text(seconds: float, longest: float) -> str:
    """Return a time for an axis that goes up to `longest` seconds.

    >>> clock_text(2.5, 20), clock_text(75, 100), clock_text(3723, 4000)
    ('2.5 s', '1:15', '1:02:03')
    """
    if longest < 60:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if longest < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{hours}:{minutes:02}:{whole % 60:02}"
