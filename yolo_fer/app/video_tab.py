"""The tab for videos to upload."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import astuple
from typing import Any

import gradio as gr

from yolo_fer.app import fragments, timeline_view, video_view
from yolo_fer.app.result_files import FILE_ADDRESS, uploads
from yolo_fer.app.upload_context import UploadContext
from yolo_fer.app.uploaded_videos import UploadedVideoResult, VideoProgress, predict_uploaded_video
from yolo_fer.errors import YoloFerError
from yolo_fer.predict.smoothing import SECONDS

_JOBS = 2  # of all visitors at once; a third waits and sees so
_DOWNLOADS = ("video", "timeline", "JSON lines", "CSV", "summary")
_TIMELINE_ROWS = 12


class _StoppedError(YoloFerError):
    """The visitor stopped the job; a job that ends with an error leaves nothing behind."""


class VideoTab:
    """The tab, which is laid out inside the page that is being built.

    Args:
        context: what uploads are worked on with.
    """

    def __init__(self, context: UploadContext) -> None:
        self._context = context
        self._stopped: set[str] = set()  # visitors
        self._lay_out_choices()
        self._lay_out_results()
        self._file.upload(
            self._answer,
            [self._file, self._smooth, self._blur],
            [self._file, self._stop, self._status, self._found, self._video, self._timeline,
             self._tracks, *self._downloads],
            concurrency_limit=_JOBS,
            show_progress="hidden",
            api_visibility="private",
        )  # fmt: skip
        # Gradio's own way to cancel leaves the word Error on all that the job would have shown.
        self._stop.click(self._note_stop, None, None, queue=False, api_visibility="private")

    def _lay_out_choices(self) -> None:
        limits = self._context.limits
        with gr.Row(equal_height=False):
            self._file = gr.File(
                label="Video", file_types=["video"], height=150, elem_id="video-file", scale=3
            )
            with gr.Column(scale=2, min_width=260):
                self._smooth = gr.Slider(
                    0,
                    3,
                    SECONDS,
                    step=0.25,
                    label="Average the scores over (seconds)",
                    info="0 leaves each frame's own scores, which flicker.",
                )
                self._blur = gr.Checkbox(
                    label="Hide the faces in the annotated video",
                    info="Set it before you choose the video.",
                    elem_id="video-blur",
                )
                size = f"At most {limits.upload_mb} MB"
                length = f"its first {limits.video_seconds} seconds are taken"
                gr.HTML(fragments.small(f"{size}; {length}."), elem_classes="fer")

    def _lay_out_results(self) -> None:
        self._stop = gr.Button("Stop", variant="stop", visible=False, elem_id="video-stop")
        self._status = gr.HTML(elem_id="video-status", elem_classes="fer")
        with gr.Column(visible=False) as self._found:
            self._video = gr.HTML(elem_id="video-annotated", elem_classes="fer")
            self._timeline = gr.HTML(elem_id="video-timeline", elem_classes="fer")
            self._tracks = gr.HTML(elem_id="video-tracks", elem_classes="fer")
            with gr.Row():
                self._downloads = [
                    gr.DownloadButton(f"Download {name}", elem_id=f"video-download-{number}")
                    for number, name in enumerate(_DOWNLOADS)
                ]

    def _note_stop(self, request: gr.Request) -> None:
        self._stopped.add(str(request.session_hash))

    def _answer(
        self, name: str | None, smooth: float, blur: bool, request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        """Yield what the parts of the tab show while a video is worked on, and in the end."""
        yield {
            self._status: fragments.notice("Opening the video …", "busy"),
            self._stop: gr.Button(visible=True),
            self._found: gr.Column(visible=False),
            self._file: None,
        }
        visitor = str(request.session_hash)
        self._stopped.discard(visitor)
        try:
            with closing(self._predict(name, smooth, blur, visitor)) as told:
                for news in told:
                    if visitor in self._stopped:
                        raise _StoppedError("Stopped. Nothing was kept.")
                    if isinstance(news, VideoProgress):
                        yield {self._status: video_view.progress(news)}
                    else:
                        yield self._shown(news)
        except YoloFerError as error:
            kind = "plain" if isinstance(error, _StoppedError) else "bad"
            status = fragments.notice(str(error), kind)
            yield {self._status: status, self._stop: gr.Button(visible=False)}

    def _predict(
        self, name: str | None, smooth: float, blur: bool, visitor: str
    ) -> Generator[VideoProgress | UploadedVideoResult]:
        context = self._context
        with uploads([name] if name else None, context.folder) as paths:
            if not paths:
                raise YoloFerError("The upload did not arrive; send it again.")
            with context.results.job(visitor) as target:
                yield from predict_uploaded_video(
                    paths[0],
                    context.predictor,
                    target,
                    blur=blur,
                    smooth=smooth,
                    limit_seconds=context.limits.video_seconds,
                )

    def _shown(self, result: UploadedVideoResult) -> dict[Any, Any]:
        """Return what the parts of the tab show of a video that is done."""
        shown = {
            self._status: video_view.end(result, self._context.limits.video_seconds),
            self._stop: gr.Button(visible=False),
        }
        if not result.frames:
            return shown
        for button, path in zip(self._downloads, astuple(result.files), strict=True):
            is_there = path.exists()
            value = str(path) if is_there else None
            shown[button] = gr.DownloadButton(value=value, visible=is_there)
        return shown | {
            self._found: gr.Column(visible=True),
            self._video: fragments.video(f"{FILE_ADDRESS}{result.files.annotated}"),
            self._timeline: timeline_view.timeline(result.over_time, _TIMELINE_ROWS),
            self._tracks: video_view.tracks(result.tracks),
        }
