"""Short videos for the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from yolo_fer.images import Image


def grey_frames(count: int) -> Iterator[Image]:
    for number in range(count):
        yield np.full((320, 320, 3), 60 + number % 100, np.uint8)


def write_mp4(path: Path, frames: Iterator[Image], rate: int = 25) -> Path:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        for number, image in enumerate(frames):
            if number == 0:
                stream.height, stream.width = image.shape[:2]
                stream.pix_fmt = "yuv420p"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    return path


def write_y4m(path: Path, frames: Iterator[Image], rate: int = 20) -> Path:
    """What Chromium's fake camera plays."""
    with path.open("wb") as file:
        for number, image in enumerate(frames):
            height, width = image.shape[:2]
            if number == 0:
                file.write(f"YUV4MPEG2 W{width} H{height} F{rate}:1 Ip A1:1 C420jpeg\n".encode())
            file.write(b"FRAME\n" + cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420).tobytes())
    return path


def pan(photograph: Image, count: int, width: int = 640, height: int = 480) -> Iterator[Image]:
    """A camera that looks around in a photograph."""
    scale = 1.1 * height / photograph.shape[0]
    large = cv2.resize(photograph, None, fx=scale, fy=scale)
    room = large.shape[1] - width
    for number in range(count):
        left = round(room * (0.5 + 0.5 * np.sin(2 * np.pi * number / count)))
        yield np.ascontiguousarray(large[:height, left : left + width])
