"""What the page shows of an uploaded video: how far it is, how it ended, and the followed faces."""

from __future__ import annotations

from collections.abc import Sequence

from yolo_fer.app import fragments
from yolo_fer.app.uploaded_videos import UploadedVideoResult, VideoProgress
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.images import encode_jpeg
from yolo_fer.images.fitting import shrink
from yolo_fer.predict.summary import TrackSummary

_COLUMNS = (
    "face", "from (s)", "to (s)", "frames", "mostly", "label changes a second", *EMOTION_NAMES
)  # fmt: skip
_PREVIEW_SIDE = 480
_SHOWN_TRACKS = 50


def progress(news: VideoProgress) -> str:
    """Return a progress bar with the last frame, whose longer side is at most 480 pixels."""
    picture, _ = shrink(news.picture, _PREVIEW_SIDE)
    text = (
        f"{news.seconds:.1f} seconds of the video, {news.frames} frames, "
        f"{news.frames_per_second:.0f} frames a second"
    )
    return fragments.progress_bar(news.share, text) + fragments.preview(
        fragments.data_address(encode_jpeg(picture), "jpeg")
    )


def end(result: UploadedVideoResult, limit_seconds: float) -> str:
    """Return a message that says how much of a video was read, and what was wrong with it.

    Args:
        result: the faces that were found in the video.
        limit_seconds: the number of seconds of a video that are read at most.
    """
    if not result.frames:
        return fragments.notice(f"This video cannot be read. {result.problem}", "bad")
    text = f"{result.frames} frames, {result.seconds:.1f} seconds, "
    text += f"{fragments.counted(len(result.tracks))} followed."
    if result.was_cut:
        text += f" The video goes on: only its first {limit_seconds} seconds were taken."
    if result.problem is not None:
        return fragments.notice(f"{text} Then it broke off. {result.problem}", "bad")
    return fragments.notice(text, "good")


def tracks(summaries: Sequence[TrackSummary]) -> str:
    """Return a table with a row for each followed face, at most 50 of them."""
    if not summaries:
        return fragments.notice("No face was found in this video.")
    rows = [
        (
            f"#{track.track}",
            track.first_ms / 1000,
            track.last_ms / 1000,
            track.frames,
            track.emotion.label,
            track.label_changes_per_second,
            *(f"{100 * share:.0f} %" for share in track.shares),
        )
        for track in summaries[:_SHOWN_TRACKS]
    ]
    rest = len(summaries) - _SHOWN_TRACKS
    more = fragments.notice(f"and {rest} more in the summary") if rest > 0 else ""
    return fragments.table(_COLUMNS, rows) + more
