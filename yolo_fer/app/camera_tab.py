"""The tab with the visitor's own camera."""

from __future__ import annotations

from typing import Any

import gradio as gr

from yolo_fer.app import fragments
from yolo_fer.app.camera import LiveFrame, Visitor, look_at
from yolo_fer.errors import ImageError
from yolo_fer.predict.smoothing import SECONDS
from yolo_fer.results import Predictor

FRAMES_A_SECOND = 15
"""How many frames the browser sends; the newest is answered, older ones are dropped."""
_CAMERAS = 32  # visitors with a running camera; others wait for a place

_INTRODUCTION = (
    "Allow the camera, then press Start. Boxes and bars appear for every face; the picture is your "
    "own camera's, mirrored, and is not stored."
)
_CAMERA = {"video": {"facingMode": "user", "width": {"ideal": 640}, "height": {"ideal": 480}}}

# Gradio has no way to say when a frame was taken, so the browser writes it into the address of the
# picture, and reads the same clock again when the answer is there.
STAMP_FRAMES = """() => {
  const plain = HTMLCanvasElement.prototype.toDataURL;
  HTMLCanvasElement.prototype.toDataURL = function (...options) {
    return plain.apply(this, options).replace(';base64,', `;taken=${Date.now()};base64,`);
  };
}"""
_SHOW_DELAY = """watch('value', () => {
  const cell = element.querySelector('[data-since]');
  if (cell) cell.textContent = `${Date.now() - Number(cell.dataset.since)} ms`;
});"""


def add_camera_tab(predictor: Predictor) -> None:
    """Lay out the tab inside the page that is being built.

    Args:
        predictor: that finds the faces.
    """
    visitor = gr.State(None)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=300):
            camera = gr.Image(
                label="Camera",
                sources=["webcam"],
                streaming=True,
                buttons=["fullscreen"],
                webcam_options=gr.WebcamOptions(mirror=True, constraints=_CAMERA),
                elem_id="camera",
                alt_text="your camera with the faces that were found",
            )
        with gr.Column(scale=2, min_width=260):
            found = gr.HTML(
                fragments.notice(_INTRODUCTION),
                js_on_load=_SHOW_DELAY,
                elem_id="live",
                elem_classes="fer",
            )
    smooth = gr.Slider(
        0,
        3,
        SECONDS,
        step=0.25,
        label="Average the scores over (seconds)",
        info="0 shows each frame's own scores, which flicker.",
        elem_id="camera-smooth",
    )

    def answer(
        frame: dict[str, Any] | None, seconds: float, visitor: Visitor | None
    ) -> tuple[Any, str, Visitor]:
        if visitor is None or visitor.smooth != seconds:
            visitor = Visitor(seconds)
        try:
            live = look_at((frame or {}).get("url") or "", visitor, predictor)
        except ImageError as error:
            return gr.skip(), fragments.notice(str(error), "bad"), visitor
        picture = {"url": live.picture, "path": None, "orig_name": None}
        return picture, _describe(live, visitor), visitor

    def end() -> tuple[None, str, None]:
        return None, fragments.notice(_INTRODUCTION), None

    running = camera.stream(
        answer,
        [camera, smooth, visitor],
        [camera, found, visitor],
        # Frames come and go as data: addresses; Gradio would write each into a file.
        preprocess=False,
        postprocess=False,
        stream_every=1 / FRAMES_A_SECOND,
        time_limit=None,
        concurrency_limit=_CAMERAS,
        show_progress="hidden",
        api_visibility="private",
    )
    running.then(
        end, None, [camera, found, visitor], show_progress="hidden", api_visibility="private"
    )


def _describe(live: LiveFrame, visitor: Visitor) -> str:
    faces = live.prediction.faces
    rate = visitor.frames_per_second
    head = fragments.figures(
        ("faces", str(len(faces))),
        ("frames a second", "…" if rate is None else f"{rate:.1f}"),
        ("network and drawing", f"{live.milliseconds:.0f} ms"),
        ("camera to screen", fragments.Since(live.taken_ms)),
    )
    if not faces:
        return head + fragments.notice("No face in sight. Come closer, or turn on a light.")
    return head + fragments.face_cards(faces, limit=4)
