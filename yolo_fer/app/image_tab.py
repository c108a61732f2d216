"""The tab for images to upload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from yolo_fer.app import fragments
from yolo_fer.app.limits import Limits
from yolo_fer.app.reading import ReadingProcesses
from yolo_fer.app.result_files import Results, uploads
from yolo_fer.app.uploaded_images import UploadedImagesResult, predict_uploaded_images
from yolo_fer.errors import YoloFerError
from yolo_fer.images.formats import SUFFIXES
from yolo_fer.results import Predictor

_JOBS = 4  # of all visitors at once
_FILE_ADDRESS = "/gradio_api/file="


def add_image_tab(
    predictor: Predictor,
    limits: Limits,
    results: Results,
    folder: Path,
    processes: ReadingProcesses,
) -> None:
    """Lay out the tab inside the page that is being built.

    Args:
        predictor: that finds the faces.
        limits: the limits of uploads.
        results: where they are kept.
        folder: where Gradio puts uploads.
        processes: that read them.
    """
    with gr.Row(equal_height=False):
        files = gr.File(
            label=f"Images, at most {limits.upload_mb} MB each and {limits.images} at once",
            file_count="multiple",
            file_types=sorted(SUFFIXES),
            height=150,
            elem_id="image-files",
            scale=3,
        )
        with gr.Column(scale=2, min_width=260):
            blur = gr.Checkbox(
                label="Hide the faces in the annotated copies",
                info="Set it before you choose the images.",
                elem_id="image-blur",
            )
    found = gr.HTML(elem_id="image-results", elem_classes="fer")
    with gr.Row(visible=False) as downloads:
        annotated = gr.DownloadButton("Download annotated", elem_id="image-annotated")
        json = gr.DownloadButton("Download JSON lines", elem_id="image-json")
        csv = gr.DownloadButton("Download CSV", elem_id="image-csv")

    def answer(names: list[str] | None, hide: bool, request: gr.Request) -> tuple[Any, ...]:
        visitor = str(request.session_hash)
        with uploads(names, folder) as paths:
            if len(paths) > limits.images:
                text = f"{len(paths)} images are too many; send at most {limits.images} at once."
                return fragments.notice(text, "bad"), gr.Row(visible=False), None, None, None, None
            try:
                with results.job(visitor) as target, processes.reader(limits) as read:
                    result = predict_uploaded_images(paths, predictor, target, blur=hide, read=read)
            except YoloFerError as error:
                text = fragments.notice(str(error), "bad")
                return text, gr.Row(visible=False), None, None, None, None
        return (
            _describe(result),
            gr.Row(visible=result.annotated is not None),
            None if result.annotated is None else str(result.annotated),
            str(result.json),
            str(result.csv),
            None,
        )

    files.upload(
        answer,
        [files, blur],
        [found, downloads, annotated, json, csv, files],
        concurrency_limit=_JOBS,
        show_progress="minimal",
        show_progress_on=found,
        api_visibility="private",
    )


def _describe(result: UploadedImagesResult) -> str:
    pieces = [
        fragments.image_result(prediction, None if picture is None else f"{_FILE_ADDRESS}{picture}")
        for prediction, picture in zip(result.predictions, result.pictures, strict=True)
    ]
    if any(prediction.faces for prediction in result.predictions):
        pieces.append(fragments.face_table(result.predictions))
    return "".join(pieces)
