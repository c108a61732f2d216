"""The tab for images to upload."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from yolo_fer.app import fragments
from yolo_fer.app.examples import Example
from yolo_fer.app.result_files import FILE_ADDRESS, uploads
from yolo_fer.app.upload_context import UploadContext
from yolo_fer.app.uploaded_images import UploadedImagesResult, predict_uploaded_images
from yolo_fer.errors import YoloFerError
from yolo_fer.images.formats import SUFFIXES

_JOBS = 4  # of all visitors at once


class ImageTab:
    """The tab, which is laid out inside the page that is being built.

    Args:
        context: what uploads are worked on with.
        examples: the drawn pictures that a visitor can try.
    """

    def __init__(self, context: UploadContext, examples: Sequence[Example]) -> None:
        self._context = context
        self._lay_out_choices()
        gr.HTML(fragments.small("Or try a drawn picture:"), elem_classes="fer")
        with gr.Row(elem_classes="examples"):
            buttons = [
                gr.Button(example.title, elem_id=example_id(number))
                for number, example in enumerate(examples, start=1)
            ]
        self._lay_out_results()
        self._answer_to(self._files.upload, self._answer, [self._files, self._blur])
        for button, example in zip(buttons, examples, strict=True):
            self._answer_to(button.click, self._answer_with(example), [self._blur])

    def _lay_out_choices(self) -> None:
        limits = self._context.limits
        with gr.Row(equal_height=False):
            self._files = gr.File(
                label="Images",
                file_count="multiple",
                file_types=sorted(SUFFIXES),
                height=150,
                elem_id="image-files",
                scale=3,
            )
            with gr.Column(scale=2, min_width=260):
                self._blur = gr.Checkbox(
                    label="Hide the faces in the annotated copies",
                    info="Set it before you choose the images.",
                    elem_id="image-blur",
                )
                text = f"At most {limits.upload_mb} MB each and {limits.images} at once."
                gr.HTML(fragments.small(text), elem_classes="fer")

    def _lay_out_results(self) -> None:
        self._found = gr.HTML(elem_id="image-results", elem_classes="fer")
        with gr.Row(visible=False) as self._downloads:
            self._annotated = gr.DownloadButton("Download annotated", elem_id="image-annotated")
            self._json = gr.DownloadButton("Download JSON lines", elem_id="image-json")
            self._csv = gr.DownloadButton("Download CSV", elem_id="image-csv")

    def _answer_to(
        self, event: Callable[..., Any], answer: Callable[..., Any], inputs: Sequence[Any]
    ) -> None:
        event(
            answer,
            inputs,
            [self._files, self._found, self._downloads, self._annotated, self._json, self._csv],
            concurrency_limit=_JOBS,
            show_progress="minimal",
            show_progress_on=self._found,
            api_visibility="private",
        )

    def _answer_with(self, example: Example) -> Callable[[bool, gr.Request], dict[Any, Any]]:
        def answer(blur: bool, request: gr.Request) -> dict[Any, Any]:
            place = self._context.folder / secrets.token_urlsafe(24)
            place.mkdir()
            path = place / f"{example.title}.jpg"
            path.write_bytes(example.picture)
            return self._answer([str(path)], blur, request)

        return answer

    def _answer(self, names: list[str] | None, blur: bool, request: gr.Request) -> dict[Any, Any]:
        """Return what the parts of the tab show of uploaded images."""
        shown = {self._files: None, self._downloads: gr.Row(visible=False)}
        try:
            with uploads(names, self._context.folder) as paths:
                result = self._predict(paths, blur, str(request.session_hash))
        except YoloFerError as error:
            return shown | {self._found: fragments.notice(str(error), "bad")}
        shown[self._found] = _describe(result)
        if result.annotated is None:
            return shown
        return shown | {
            self._downloads: gr.Row(visible=True),
            self._annotated: str(result.annotated),
            self._json: str(result.json),
            self._csv: str(result.csv),
        }

    def _predict(self, paths: Sequence[Path], blur: bool, visitor: str) -> UploadedImagesResult:
        context, most = self._context, self._context.limits.images
        if len(paths) > most:
            raise YoloFerError(f"{len(paths)} images are too many; send at most {most} at once.")
        with (
            context.results.job(visitor) as target,
            context.processes.reader(context.limits) as read,
        ):
            return predict_uploaded_images(paths, context.predictor, target, blur=blur, read=read)


def example_id(number: int) -> str:
    """Return the element of an example's button, to which the style sheet adds its picture."""
    return f"example-{number}"


def _describe(result: UploadedImagesResult) -> str:
    addresses = [None if path is None else f"{FILE_ADDRESS}{path}" for path in result.pictures]
    pieces = [fragments.image_results(result.predictions, addresses)]
    if any(prediction.faces for prediction in result.predictions):
        pieces.append(fragments.face_table(result.predictions))
    return "".join(pieces)
