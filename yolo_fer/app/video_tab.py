"""The tab for videos to upload."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import gradio as gr

from yolo_fer.app import fragments, timeline_view
from yolo_fer.app.limits import Limits
from yolo_fer.app.result_files import FILE_ADDRESS, Results, uploads
from yolo_fer.app.uploaded_videos import UploadedVideoResult, VideoProgress, predict_uploaded_video
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError
from yolo_fer.images import encode_jpeg
from yolo_fer.predict.smoothing import SECONDS
from yolo_fer.predict.summary import TrackSummary
from yolo_fer.results import Predictor

_JOBS = 2  # of all visitors at once; a third waits and sees so
_COLUMNS = (
    "face", "from (s)", "to (s)", "frames", "mostly", "label changes a second", *EMOTION_NAMES
)  # fmt: skip
_DOWNLOADS = ("video", "timeline", "JSON lines", "CSV", "summary")
_PREVIEW_SIDE = 480
_SHOWN_TRACKS = 50
_TIMELINE_ROWS = 12


class _Stopped(YoloFerError):
    """The visitor had enough; a job that ends with an error leaves nothing behind."""


def add_video_tab(predictor: Predictor, limits: Limits, results: Results, folder: Path) -> None:
    """Lay out the tab inside the page that is being built.

    Args:
        predictor: that finds the faces.
        limits: the limits of uploads.
        results: where they are kept.
        folder: where Gradio puts uploads.
    """
    with gr.Row(equal_height=False):
        file = gr.File(
            label="Video",
            file_types=["video"],
            height=150,
            elem_id="video-file",
            scale=3,
        )
        with gr.Column(scale=2, min_width=260):
            smooth = gr.Slider(
                0,
                3,
                SECONDS,
                step=0.25,
                label="Average the scores over (seconds)",
                info="0 leaves each frame's own scores, which flicker.",
            )
            blur = gr.Checkbox(
                label="Hide the faces in the annotated video",
                info="Set it before you choose the video.",
                elem_id="video-blur",
            )
            gr.HTML(
                fragments.small(
                    f"At most {limits.upload_mb} MB; "
                    f"its first {limits.video_seconds} seconds are taken."
                ),
                elem_classes="fer",
            )
    stop = gr.Button("Stop", variant="stop", visible=False, elem_id="video-stop")
    status = gr.HTML(elem_id="video-status", elem_classes="fer")
    with gr.Column(visible=False) as found:
        video = gr.HTML(elem_id="video-annotated", elem_classes="fer")
        timeline = gr.HTML(elem_id="video-timeline", elem_classes="fer")
        tracks = gr.HTML(elem_id="video-tracks", elem_classes="fer")
        with gr.Row():
            buttons = [
                gr.DownloadButton(f"Download {name}", elem_id=f"video-download-{number}")
                for number, name in enumerate(_DOWNLOADS)
            ]

    stopped: set[str] = set()

    def answer(
        name: str | None, seconds: float, hide: bool, request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        yield {
            status: fragments.notice("Opening the video …", "busy"),
            stop: gr.Button(visible=True),
            found: gr.Column(visible=False),
            file: None,
        }
        visitor = str(request.session_hash)
        stopped.discard(visitor)
        try:
            with uploads([name] if name else None, folder) as paths:
                if not paths:
                    raise YoloFerError("The upload did not arrive; send it again.")
                with results.job(visitor) as target:
                    for news in predict_uploaded_video(
                        paths[0],
                        predictor,
                        target,
                        blur=hide,
                        smooth=seconds,
                        limit_seconds=limits.video_seconds,
                    ):
                        if visitor in stopped:
                            raise _Stopped("Stopped. Nothing was kept.")
                        yield show(news)
        except YoloFerError as error:
            kind = "plain" if isinstance(error, _Stopped) else "bad"
            yield {status: fragments.notice(str(error), kind), stop: gr.Button(visible=False)}

    def show(news: VideoProgress | UploadedVideoResult) -> dict[Any, Any]:
        if isinstance(news, VideoProgress):
            return {status: _describe_progress(news)}
        told = _describe_end(news, limits)
        if not news.frames:
            return {status: told, stop: gr.Button(visible=False)}
        files = (news.annotated, news.timeline, news.json, news.csv, news.summary)
        return {
            status: told,
            stop: gr.Button(visible=False),
            found: gr.Column(visible=True),
            video: fragments.video(f"{FILE_ADDRESS}{news.annotated}"),
            timeline: timeline_view.timeline(news.over_time, _TIMELINE_ROWS),
            tracks: _describe_tracks(news),
            **{
                button: gr.DownloadButton(value=str(path) if path.exists() else None,
                                          visible=path.exists())
                for button, path in zip(buttons, files, strict=True)
            },
        }  # fmt: skip

    def end(request: gr.Request) -> None:
        stopped.add(str(request.session_hash))

    file.upload(
        answer,
        [file, smooth, blur],
        [status, stop, found, file, video, timeline, tracks, *buttons],
        concurrency_limit=_JOBS,
        show_progress="hidden",
        api_visibility="private",
    )
    # Gradio's own way to cancel leaves the word Error on everything that the job would have shown.
    stop.click(end, None, None, queue=False, api_visibility="private")


def _describe_progress(news: VideoProgress) -> str:
    height, width = news.picture.shape[:2]
    scale = min(1.0, _PREVIEW_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    data = encode_jpeg(cv2.resize(news.picture, size, interpolation=cv2.INTER_AREA))
    text = (
        f"{news.seconds:.1f} seconds of the video, {news.frames} frames, "
        f"{news.frames_per_second:.0f} frames a second"
    )
    return fragments.progress_bar(news.share, text) + fragments.preview(
        fragments.data_address(data, "jpeg")
    )


def _describe_end(news: UploadedVideoResult, limits: Limits) -> str:
    if not news.frames:
        return fragments.notice(f"This video cannot be read. {news.problem}", "bad")
    text = f"{news.frames} frames, {news.seconds:.1f} seconds, "
    text += f"{fragments.counted(len(news.tracks))} followed."
    if news.was_cut:
        text += f" The video goes on: only its first {limits.video_seconds} seconds were taken."
    if news.problem is not None:
        return fragments.notice(f"{text} Then it broke off. {news.problem}", "bad")
    return fragments.notice(text, "good")


def _describe_tracks(news: UploadedVideoResult) -> str:
    if not news.tracks:
        return fragments.notice("No face was found in this video.")
    rows = [_row(track) for track in news.tracks[:_SHOWN_TRACKS]]
    table = fragments.table(_COLUMNS, rows)
    rest = len(news.tracks) - _SHOWN_TRACKS
    return table + (fragments.notice(f"and {rest} more in the summary") if rest > 0 else "")


def _row(track: TrackSummary) -> tuple[object, ...]:
    return (
        f"#{track.track}",
        track.first_ms / 1000,
        track.last_ms / 1000,
        track.frames,
        track.emotion.label,
        track.label_changes_per_second,
        *(f"{100 * share:.0f} %" for share in track.shares),
    )
