"""A window that shows annotated frames as they come."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import Self

import cv2

from yolo_fer.errors import YoloFerError
from yolo_fer.outputs.drawing import annotate
from yolo_fer.outputs.face_blur import FaceBlur
from yolo_fer.predict.predicted import Predicted

_TITLE = "yolo-fer (q to quit)"
_QUIT_KEYS = (ord("q"), ord("Q"), 27)
_NO_KEY = -1
_POLL_MS = 50
_LARGEST = (1280, 800)  # of the window at first; it can be resized
_PROBE = "import cv2; cv2.namedWindow('probe', cv2.WINDOW_NORMAL); cv2.waitKey(1)"
_PROBE_SECONDS = 20


class WindowSink:
    """Shows each frame with boxes and labels; an image stays until a key is pressed.

    When the user presses q or Esc, or closes the window, `closed` becomes true: then the
    caller has to stop. Frames that come nevertheless are not shown.

    Args:
        blur: hide the faces; boxes and labels stay.

    Raises:
        YoloFerError: on entering, if no window can be opened here; it says what to do.

    Attributes:
        closed: whether the user is done.
    """

    def __init__(self, *, blur: bool = False) -> None:
        self.closed = False
        self._blur = FaceBlur(blur)
        self._is_open = False

    def __enter__(self) -> Self:
        """Make sure that a window can be opened; it opens with the first frame."""
        problem = _why_no_window()
        if problem is not None:
            raise YoloFerError(
                f"no window can be opened here ({problem}); leave out `show` and write files "
                "instead, for example with `save`"
            )
        return self

    def __exit__(self, *_: object) -> None:
        """Close the window."""
        if self._is_open:
            with suppress(cv2.error):  # where the user closed it there may be nothing left
                cv2.destroyWindow(_TITLE)
                cv2.waitKey(1)  # the window is closed while events are handled
            self._is_open = False

    def write(self, predicted: Predicted) -> None:
        """Show one frame or image."""
        image, prediction = predicted.image, predicted.in_image
        if image is None or self.closed:
            return
        if not self._is_open:
            self._open(image.shape[1], image.shape[0])
        shown = self._blur.hide(image, prediction)
        cv2.imshow(_TITLE, annotate(shown, prediction.faces))
        if prediction.frame is not None:
            self._take_key(cv2.waitKey(1))
            return
        key = _NO_KEY
        while key == _NO_KEY and not self.closed:
            key = cv2.waitKey(_POLL_MS)
            self._take_key(key)

    def _open(self, width: int, height: int) -> None:
        cv2.namedWindow(_TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)
        scale = min(1.0, _LARGEST[0] / width, _LARGEST[1] / height)
        cv2.resizeWindow(_TITLE, max(1, round(width * scale)), max(1, round(height * scale)))
        self._is_open = True

    def _take_key(self, key: int) -> None:
        pressed_quit = key != _NO_KEY and key & 0xFF in _QUIT_KEYS
        self.closed = pressed_quit or not _is_visible()


def _is_visible() -> bool:
    try:
        return bool(cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) > 0)
    except cv2.error:  # Qt has forgotten it
        return False


def _why_no_window() -> str | None:
    """Return what is missing for a window, None if nothing is."""
    if "GUI:                           NONE" in cv2.getBuildInformation():
        return (
            "the installed OpenCV is a headless build; pip uninstall opencv-python-headless "
            "and pip install --force-reinstall 'opencv-python<5'"
        )
    if not sys.platform.startswith("linux"):
        return None
    # Without a display that answers, Qt ends the whole process: so another one tries first.
    try:
        probe = subprocess.run(  # noqa: S603  # our own interpreter and a constant
            [sys.executable, "-c", _PROBE], capture_output=True, timeout=_PROBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "the display does not answer; check the variable DISPLAY"
    if probe.returncode == 0:
        return None
    return "there is no display that OpenCV can use; check the variable DISPLAY"
