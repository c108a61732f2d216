"""The tab with the visitor's own camera: its markup; `camera.js` does the rest."""

from __future__ import annotations

from importlib import resources

import gradio as gr

from yolo_fer.app import fragments
from yolo_fer.app.camera_address import LONGEST_SMOOTHING
from yolo_fer.predict.smoothing import SECONDS

_INTRODUCTION = (
    "Press Start and allow the camera. Boxes and bars appear for every face; the picture is your "
    "own camera's, mirrored, and is not stored."
)
# No `role="status"` around the faces: they change with every frame.
_MARKUP = f"""<div class="camera">
<div>
<div id="camera-stage">
<p id="camera-off">The camera is off.</p>
<video id="camera-video" aria-label="your camera" playsinline muted hidden></video>
<img id="camera-picture" alt="your camera, with a box around every face" hidden>
</div>
<div class="controls">
<button id="camera-switch" type="button">Start the camera</button>
<button id="camera-whole" type="button" hidden>Full screen</button>
</div>
<div id="camera-trouble" class="notice bad" role="alert" hidden></div>
<div class="setting">
<label for="camera-smooth">Average the scores over <output id="camera-seconds">{SECONDS:.2f} s
</output></label>
<input id="camera-smooth" type="range" min="0" max="{LONGEST_SMOOTHING:g}" step="0.25"
value="{SECONDS:g}" aria-describedby="camera-smooth-hint">
<small id="camera-smooth-hint">0 shows each frame's own scores, which flicker.</small>
</div>
</div>
<div id="camera-found">{fragments.hint(_INTRODUCTION)}</div>
<p id="camera-said" class="unseen" role="status"></p>
</div>"""


def add_camera_tab() -> None:
    """Lay out the tab inside the page that is being built."""
    script = resources.files("yolo_fer.app").joinpath("camera.js").read_text("utf-8")
    gr.HTML(_MARKUP, js_on_load=script, elem_classes="fer")
