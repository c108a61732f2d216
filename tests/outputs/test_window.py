"""The window: shown where there is a display, an error that says what to do where there is none."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import cv2
import pytest

ROOT = Path(__file__).parents[2]
SHOW = """
import sys, time
from tests.helpers.frames import face, frame, noise
from yolo_fer.errors import YoloFerError
from yolo_fer.predict.predicted import Predicted
from yolo_fer.results import Prediction
from yolo_fer.outputs import WindowSink

most, images = int(sys.argv[1]), sys.argv[2] == "images"
try:
    with WindowSink() as window:
        for index in range(most):
            predicted = frame(index, face((50, 50, 120, 130), track=1), image=noise(0, 320, 240))
            if images:
                predicted = Predicted(predicted.image, Prediction("a.jpg", 320, 240))
            print("shows", flush=True)
            window.write(predicted)
            if window.closed:
                print("closed", flush=True)
                break
            time.sleep(0.01)
except YoloFerError as error:
    print("error:", error)
print("end")
"""
STARTED: list[subprocess.Popen[str]] = []


def start(display: str | None, most: int = 1000, kind: str = "frames") -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    if display is not None:
        environment["DISPLAY"] = display
    process = subprocess.Popen(
        [sys.executable, "-c", SHOW, str(most), kind],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment,
    )  # fmt: skip
    STARTED.append(process)
    return process


@pytest.fixture(autouse=True)
def no_process_stays() -> Iterator[None]:
    yield
    for process in STARTED:
        process.kill()
        process.communicate()
    STARTED.clear()


@pytest.fixture
def display() -> Iterator[str]:
    """A display of its own, that nobody sees."""
    if "GUI:                           NONE" in cv2.getBuildInformation():
        pytest.skip("the installed OpenCV has no windows")
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("needs Xvfb and xdotool: apt-get install xvfb xdotool")
    server = subprocess.Popen(
        # Without -noreset it begins anew, and refuses, whenever its last client has gone.
        ["Xvfb", "-noreset", "-displayfd", "1", "-screen", "0", "1280x900x24"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    yield f":{server.stdout.readline().strip()}"
    server.terminate()
    server.wait()


def xdotool(display: str, *arguments: str) -> str:
    done = subprocess.run(
        ["xdotool", *arguments], env=os.environ | {"DISPLAY": display}, capture_output=True,
        text=True, timeout=30,
    )  # fmt: skip
    return done.stdout.strip()


class ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib."""

    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("room", ctypes.c_long * 24),
    ]


def press_close_button(display: str, window: str) -> None:
    """Do what a window manager does when its close button is pressed."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    connection = ctypes.c_void_p(x11.XOpenDisplay(display.encode()))
    protocols = x11.XInternAtom(connection, b"WM_PROTOCOLS", 0)
    delete = x11.XInternAtom(connection, b"WM_DELETE_WINDOW", 0)
    message = ClientMessage(type=33, window=int(window), message_type=protocols, format=32)
    message.data[0] = delete
    target = ctypes.c_ulong(int(window))
    assert x11.XSendEvent(connection, target, 0, ctypes.c_long(0), ctypes.byref(message))
    x11.XCloseDisplay(connection)


def wait_for_window(display: str) -> str:
    for _ in range(300):
        found = xdotool(display, "search", "--onlyvisible", "--name", "yolo-fer")
        if found:
            return found.splitlines()[0]
        time.sleep(0.1)
    raise AssertionError("no window came")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize("display", [None, ":987", "nowhere.invalid:0"], ids=str)
def test_without_a_display_the_error_says_what_to_do(display: str | None) -> None:
    output, _ = start(display).communicate(timeout=60)
    error, end = output.splitlines()
    assert error.startswith("error: no window can be opened here")
    assert "DISPLAY" in error or "headless" in error
    assert "`save`" in error
    assert end == "end", "the process itself goes on"


@pytest.mark.parametrize("key", ["q", "Escape"])
def test_a_key_ends_the_show(display: str, key: str) -> None:
    process = start(display, most=100_000)
    window = wait_for_window(display)
    for _ in range(20):
        xdotool(display, "key", "--window", window, key)
        if process.poll() is not None:
            break
        time.sleep(0.2)
    output, _ = process.communicate(timeout=30)
    assert output.splitlines()[-2:] == ["closed", "end"]


def test_closing_the_window_ends_the_show(display: str) -> None:
    process = start(display, most=100_000)
    window = wait_for_window(display)
    time.sleep(0.5)
    press_close_button(display, window)
    output, _ = process.communicate(timeout=30)
    assert output.splitlines()[-1] == "end"
    assert "closed" in output


def test_other_keys_do_not_end_it(display: str) -> None:
    process = start(display, most=150)
    window = wait_for_window(display)
    xdotool(display, "key", "--window", window, "x")
    output, _ = process.communicate(timeout=60)
    assert "closed" not in output
    assert output.splitlines().count("shows") == 150


def test_an_image_stays_until_a_key_is_pressed(display: str) -> None:
    process = start(display, most=2, kind="images")
    window = wait_for_window(display)
    time.sleep(1)
    assert process.poll() is None
    for _ in range(20):
        xdotool(display, "key", "--window", window, "space")
        if process.poll() is not None:
            break
        time.sleep(0.2)
    output, _ = process.communicate(timeout=30)
    assert output.splitlines() == ["shows", "shows", "end"]
