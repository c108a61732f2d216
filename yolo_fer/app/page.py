"""The page itself: what stands where, and which function answers what."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import route_utils
from starlette.middleware import Middleware

from yolo_fer.app import fragments
from yolo_fer.app.camera_address import Cameras
from yolo_fer.app.camera_tab import add_camera_tab
from yolo_fer.app.examples import Example
from yolo_fer.app.guard import Guard
from yolo_fer.app.image_tab import add_image_tab, example_id
from yolo_fer.app.limits import Limits
from yolo_fer.app.reading import ReadingProcesses
from yolo_fer.app.result_files import Results
from yolo_fer.app.video_tab import add_video_tab
from yolo_fer.results import Predictor

_WAITING = 64  # jobs of all visitors; who comes later is told that the page is busy

_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]  # no font service
_MONO_FONTS = ["ui-monospace", "Consolas", "monospace"]

_MASTHEAD = """<div class="masthead">{sign}<div><h1>yolo-fer</h1><p>Finds every face and names the
expression that it shows, in one pass of one small network.</p></div></div>"""

_FINE_PRINT = """<div class="fineprint">
<p><strong>What a percentage means.</strong> How much a face looks to the network like the faces
that people labelled with that word, rather than with one of the other six; the seven sum to 100 %.
The score, from 0 to 1, is how sure it is that there is a face at all. An expression that is
displayed is not an emotion that is felt, and the network errs often. Do not judge people by it. In
the European Union the AI Act (Article 5) forbids inferring emotions at work and in education,
except for medical or safety reasons.</p>
<p><strong>What happens to your pictures.</strong> They go to the computer that runs this page and
nowhere else. Camera frames are never stored. Uploads are deleted as soon as they were looked at,
results when you leave, at the latest after {minutes} minutes.</p></div>"""


def theme() -> Any:
    """Return the colours and fonts; none of them comes from the network."""
    return gr.themes.Base(
        primary_hue="blue",
        neutral_hue="slate",
        radius_size="lg",
        font=_FONTS,
        font_mono=_MONO_FONTS,
    )


def style(examples: Iterable[Example]) -> str:
    """Return the style sheet, with the thumbnails of the examples."""
    pictures = (
        f"#{example_id(number)}::before {{ background-image: "
        f"url({fragments.data_address(example.thumbnail, 'jpeg')}); }}"
        for number, example in enumerate(examples, start=1)
    )
    return "\n".join([_part("style.css").read_text("utf-8"), *pictures])


def sign() -> Path:
    """Return the picture in the browser's tab."""
    return Path(str(_part("favicon.svg")))


def _part(name: str) -> Traversable:
    return resources.files("yolo_fer.app").joinpath(name)


def application_options(
    predictor: Predictor, names: Iterable[str], limits: Limits, folder: Path
) -> dict[str, Any]:
    """Return what the web application has besides Gradio: a guard, and an address for cameras.

    Args:
        predictor: that finds the faces in the frames of cameras.
        names: host names under which the page may be visited.
        limits: the limits of uploads.
        folder: that holds all uploads and results.
    """
    guard = Middleware(Guard, names=names, limits=limits, folder=folder)
    return {"middleware": [guard], "routes": [Cameras(predictor).route()]}


class _OwnUpload(route_utils.GradioUploadFile):  # type: ignore[misc]  # Gradio is not typed
    """Gradio keeps an upload under a hash of its content, for all visitors who send the same.

    Ours are deleted after use: each has a place of its own, which nobody can guess.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sha.update(secrets.token_bytes(32))


def build_page(
    predictor: Predictor,
    limits: Limits,
    results: Results,
    folder: Path,
    processes: ReadingProcesses,
    examples: Sequence[Example],
) -> Any:
    """Lay out the page.

    Args:
        predictor: that finds the faces in uploads.
        limits: the limits of uploads.
        results: where they are kept.
        folder: Gradio's own for temporary files.
        processes: that read uploaded images.
        examples: pictures to try it with.

    Returns:
        The `gradio.Blocks`.
    """
    route_utils.GradioUploadFile = _OwnUpload

    def forget(request: gr.Request) -> None:
        results.forget(str(request.session_hash))

    with gr.Blocks(title="yolo-fer", analytics_enabled=False) as page:
        gr.HTML(_masthead(), elem_classes="fer")
        with gr.Tab("Camera"):
            add_camera_tab()
        with gr.Tab("Images"):
            add_image_tab(predictor, limits, results, folder, processes, examples)
        with gr.Tab("Videos"):
            add_video_tab(predictor, limits, results, folder)
        gr.HTML(_FINE_PRINT.format(minutes=limits.kept_seconds // 60), elem_classes="fer")
        page.unload(forget)
    page.queue(max_size=_WAITING)
    return page


def _masthead() -> str:
    return _MASTHEAD.format(sign=_part("favicon.svg").read_text("utf-8")) + fragments.legend()
