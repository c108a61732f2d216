"""The page itself: what stands where, and which function answers what."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import route_utils
from starlette.middleware import Middleware

from yolo_fer.app import fragments
from yolo_fer.app.camera_tab import STAMP_FRAMES, add_camera_tab
from yolo_fer.app.guard import Guard
from yolo_fer.app.image_tab import add_image_tab
from yolo_fer.app.limits import Limits
from yolo_fer.app.reading import ReadingProcesses
from yolo_fer.app.result_files import Results
from yolo_fer.app.turns import TakingTurns, Turns
from yolo_fer.app.video_tab import add_video_tab
from yolo_fer.emotions import Emotion
from yolo_fer.palette import COLOURS
from yolo_fer.results import Predictor

_WAITING = 64  # jobs of all visitors; who comes later is told that the page is busy

_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]  # no font service
_MONO_FONTS = ["ui-monospace", "Consolas", "monospace"]

_MASTHEAD = """<div class="masthead">
<svg viewBox="0 0 52 52" aria-hidden="true"><rect x="3" y="3" width="46" height="46" rx="9"
fill="none" stroke="{happiness}" stroke-width="5"/><circle cx="19" cy="22" r="3.4" fill="{sadness}"
/><circle cx="33" cy="22" r="3.4" fill="{sadness}"/><path d="M16 32c4 7 16 7 20 0" fill="none"
stroke="{anger}" stroke-width="4" stroke-linecap="round"/></svg>
<div><h1>yolo-fer</h1><p>Finds every face and names the expression that it shows, in one pass of
one small network.</p></div></div>"""

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


def style() -> str:
    """Return the style sheet."""
    return resources.files("yolo_fer.app").joinpath("style.css").read_text("utf-8")


def script() -> str:
    """Return what the browser runs when it has loaded the page."""
    return STAMP_FRAMES


def guarded(names: Iterable[str], limits: Limits, folder: Path) -> Middleware:
    """Return what stands before the page; see `Guard`."""
    return Middleware(Guard, names=names, limits=limits, folder=folder)


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
) -> Any:
    """Lay out the page.

    Args:
        predictor: that finds the faces; it is shared by all visitors, one call at a time.
        limits: the limits of uploads.
        results: where they are kept.
        folder: Gradio's own for temporary files.
        processes: that read uploaded images.

    Returns:
        The `gradio.Blocks`.
    """
    route_utils.GradioUploadFile = _OwnUpload
    turns = Turns()
    for_uploads = TakingTurns(predictor, turns, live=False)

    def forget(request: gr.Request) -> None:
        results.forget(str(request.session_hash))

    with gr.Blocks(title="yolo-fer", analytics_enabled=False) as page:
        gr.HTML(_masthead(), elem_classes="fer")
        with gr.Tab("Camera"):
            add_camera_tab(TakingTurns(predictor, turns, live=True))
        with gr.Tab("Images"):
            add_image_tab(for_uploads, limits, results, folder, processes)
        with gr.Tab("Videos"):
            add_video_tab(for_uploads, limits, results, folder)
        gr.HTML(_FINE_PRINT.format(minutes=limits.kept_seconds // 60), elem_classes="fer")
        page.unload(forget)
    page.queue(max_size=_WAITING)
    return page


def _masthead() -> str:
    colours = {emotion.label: COLOURS[emotion] for emotion in Emotion}
    return _MASTHEAD.format(**colours) + fragments.legend()
