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
from yolo_fer.app.examples import Example, draw_examples
from yolo_fer.app.guard import Guard
from yolo_fer.app.image_tab import ImageTab, example_id
from yolo_fer.app.upload_context import UploadContext
from yolo_fer.app.video_tab import VideoTab
from yolo_fer.results import Predictor
from yolo_fer.web.address import Address

_WAITING = 64  # jobs of all visitors; later visitors read that the page is busy

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


def open_page(
    context: UploadContext, cameras: Predictor, address: Address, *, open_browser: bool
) -> gr.Blocks:
    """Lay out the page and listen; threads of its own answer until it is closed.

    Args:
        context: what uploads are worked on with.
        cameras: the system that finds the faces in the frames of cameras.
        address: the address to listen on.
        open_browser: open the page in this computer's browser.
    """
    limits, examples = context.limits, draw_examples()
    guard = Middleware(Guard, address=address, limits=limits, folder=context.folder)
    page = _lay_out(context, examples)
    page.launch(
        # Gradio makes an address of the name, and takes the brackets off again to listen.
        server_name=f"[{address.host}]" if ":" in address.host else address.host,
        server_port=address.port,
        inbrowser=open_browser,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        show_error=False,
        max_file_size=limits.upload_bytes,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        favicon_path=Path(str(_part("favicon.svg"))),
        app_kwargs={"middleware": [guard], "routes": [Cameras(cameras).route()]},
        theme=gr.themes.Base(
            primary_hue="blue",
            neutral_hue="slate",
            radius_size="lg",
            font=_FONTS,
            font_mono=_MONO_FONTS,
        ),
        css=_style(examples),
    )
    return page


def _style(examples: Iterable[Example]) -> str:
    """Return the style sheet, with the thumbnails of the examples."""
    pictures = (
        f"#{example_id(number)}::before {{ background-image: "
        f"url({fragments.data_address(example.thumbnail, 'jpeg')}); }}"
        for number, example in enumerate(examples, start=1)
    )
    return "\n".join([_part("style.css").read_text("utf-8"), *pictures])


def _lay_out(context: UploadContext, examples: Sequence[Example]) -> gr.Blocks:
    route_utils.GradioUploadFile = _OwnUpload

    def forget(request: gr.Request) -> None:
        context.results.forget(str(request.session_hash))

    sign = _part("favicon.svg").read_text("utf-8")
    minutes = context.limits.kept_seconds // 60
    with gr.Blocks(title="yolo-fer", analytics_enabled=False) as page:
        gr.HTML(_MASTHEAD.format(sign=sign) + fragments.legend(), elem_classes="fer")
        with gr.Tab("Camera"):
            add_camera_tab()
        with gr.Tab("Images"):
            ImageTab(context, examples)
        with gr.Tab("Videos"):
            VideoTab(context)
        gr.HTML(_FINE_PRINT.format(minutes=minutes), elem_classes="fer")
        page.unload(forget)
    page.queue(max_size=_WAITING)
    return page


class _OwnUpload(route_utils.GradioUploadFile):  # type: ignore[misc]  # Gradio is not typed
    """Gradio keeps an upload under a hash of its content, for all visitors who send the same.

    Ours are deleted after use: each has a place of its own, which cannot be guessed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sha.update(secrets.token_bytes(32))


def _part(name: str) -> Traversable:
    return resources.files("yolo_fer.app").joinpath(name)
