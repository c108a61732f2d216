"""The tab for images to upload."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from yolo_fer.app import fragments
from yolo_fer.app.examples import Example
from yolo_fer.app.limits import Limits
from yolo_fer.app.reading import ReadingProcesses
from yolo_fer.app.result_files import FILE_ADDRESS, Results, uploads
from yolo_fer.app.uploaded_images import UploadedImagesResult, predict_uploaded_images
from yolo_fer.errors import YoloFerError
from yolo_fer.images.formats import SUFFIXES
from yolo_fer.results import Predictor

_JOBS = 4  # of all visitors at once


def add_image_tab(
    predictor: Predictor,
    limits: Limits,
    results: Results,
    folder: Path,
    processes: ReadingProcesses,
    examples: Sequence[Example],
) -> None:
    """Lay out the tab inside the page that is being built.

    Args:
        predictor: that finds the faces.
        limits: the limits of uploads.
        results: where they are kept.
        folder: where Gradio puts uploads.
        processes: that read them.
        examples: pictures to try it with.
    """
    with gr.Row(equal_height=False):
        files = gr.File(
            label="Images",
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
            gr.HTML(
                fragments.small(f"At most {limits.upload_mb} MB each and {limits.images} at once."),
                elem_classes="fer",
            )
    gr.HTML(fragments.small("Or try a drawn picture:"), elem_classes="fer")
    with gr.Row(elem_classes="examples"):
        tried = [
            gr.Button(example.title, elem_id=example_id(number))
            for number, example in enumerate(examples, start=1)
        ]
    found = gr.HTML(elem_id="image-results", elem_classes="fer")
    with gr.Row(visible=False) as downloads:
        annotated = gr.DownloadButton("Download annotated", elem_id="image-annotated")
        json = gr.DownloadButton("Download JSON lines", elem_id="image-json")
        csv = gr.DownloadButton("Download CSV", elem_id="image-csv")

    def look(paths: list[Path], hide: bool, visitor: str) -> tuple[Any, ...]:
        nothing = gr.Row(visible=False), None, None, None, None
        if len(paths) > limits.images:
            text = f"{len(paths)} images are too many; send at most {limits.images} at once."
            return fragments.notice(text, "bad"), *nothing
        try:
            with results.job(visitor) as target, processes.reader(limits) as read:
                result = predict_uploaded_images(paths, predictor, target, blur=hide, read=read)
        except YoloFerError as error:
            return fragments.notice(str(error), "bad"), *nothing
        if result.annotated is None:
            return _describe(result), *nothing
        kept = (str(path) for path in (result.annotated, result.json, result.csv))
        return _describe(result), gr.Row(visible=True), *kept, None

    def answer(names: list[str] | None, hide: bool, request: gr.Request) -> tuple[Any, ...]:
        with uploads(names, folder) as paths:
            return look(paths, hide, str(request.session_hash))

    def showing(example: Example) -> Callable[[bool, gr.Request], tuple[Any, ...]]:
        def show(hide: bool, request: gr.Request) -> tuple[Any, ...]:
            place = folder / secrets.token_urlsafe(24)
            place.mkdir()
            path = place / f"{example.title}.jpg"
            path.write_bytes(example.picture)
            return answer([str(path)], hide, request)

        return show

    shown = [found, downloads, annotated, json, csv, files]
    files.upload(
        answer,
        [files, blur],
        shown,
        concurrency_limit=_JOBS,
        show_progress="minimal",
        show_progress_on=found,
        api_visibility="private",
    )
    for button, example in zip(tried, examples, strict=True):
        button.click(
            showing(example),
            blur,
            shown,
            concurrency_limit=_JOBS,
            show_progress="minimal",
            show_progress_on=found,
            api_visibility="private",
        )


def example_id(number: int) -> str:
    """Return the element of an example's button, which the style sheet gives its picture."""
    return f"example-{number}"


def _describe(result: UploadedImagesResult) -> str:
    addresses = [None if path is None else f"{FILE_ADDRESS}{path}" for path in result.pictures]
    pieces = [fragments.image_results(result.predictions, addresses)]
    if any(prediction.faces for prediction in result.predictions):
        pieces.append(fragments.face_table(result.predictions))
    return "".join(pieces)
