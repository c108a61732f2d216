"""A builder of small releases in Aff-Wild2's layouts: drawn people, filmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.synthetic.face_drawing import FacePicture, draw_face

HEADER = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise"
WIDTH, HEIGHT = 320, 240
# Faces that the face finder finds in every frame, whatever lies around them.
ANN, BEN, STRANGER = 1, 16, 15

Places = Mapping[int, tuple[float, float, float]]
"""Who is where: the centre of the face and the side of its box, in pixels."""


@cache
def portrait(person: int, size: int) -> FacePicture:
    return draw_face(Emotion.HAPPINESS, np.random.default_rng(person), size)


def scene(places: Places, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """Draw people on a plain wall, the later ones in front."""
    image = np.full((height, width, 3), (150, 160, 150), np.uint8)
    for person, (cx, cy, size) in places.items():
        picture = portrait(person, round(size))
        box = picture.box
        left, top = round(cx - (box.x1 + box.x2) / 2), round(cy - (box.y1 + box.y2) / 2)
        shift = np.array([[1, 0, left], [0, 1, top]], dtype=np.float32)
        pixels = cv2.warpAffine(picture.image, shift, (width, height))
        alpha = cv2.warpAffine(picture.alpha, shift, (width, height))[..., None]
        image = (pixels * alpha + image * (1 - alpha)).astype(np.uint8)
    return image


def film(
    path: Path,
    images: Iterable[Image],
    *,
    codec: str = "mpeg4",
    container: str | None = None,
    options: dict[str, str] | None = None,
    coding: dict[str, str] | None = None,
    times_ms: Sequence[int] | None = None,
) -> Path:
    """Encode images as a video; with `times_ms` at a variable frame rate.

    `options` are those of the container, `coding` those of the codec.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format=container, options=options or {}) as file:
        stream = file.add_stream(codec, rate=30, options=coding or {})
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.bit_rate = 4_000_000
        started = False
        for index, image in enumerate(images):
            if not started:
                stream.height, stream.width = image.shape[:2]
                started = True
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            if times_ms is not None:
                frame.pts, frame.time_base = times_ms[index], Fraction(1, 1000)
            file.mux(stream.encode(frame))
        if started:
            file.mux(stream.encode())
        else:
            stream.width, stream.height = WIDTH, HEIGHT
            file.start_encoding()
    return path


def turned(path: Path) -> Path:
    """Set the rotation flag of an .mp4: to be shown turned clockwise by a quarter."""
    data = bytearray(path.read_bytes())
    matrix = data.find(b"tkhd") + 4 + 4 + 20 + 8 + 8
    values = (0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    data[matrix : matrix + 36] = b"".join(v.to_bytes(4, signed=True) for v in values)
    path.write_bytes(data)
    return path


class RawAffwild2:
    """Writes label files and videos below a root."""

    def __init__(self, root: Path, label_set: str = "EXPR_Set") -> None:
        self.root = root
        self.label_set = root / "annotations" / label_set
        self.label_set.mkdir(parents=True)

    def labels(
        self,
        stem: str,
        labels: Sequence[int | str] | bytes,
        split: str = "Training_Set",
        header: str = HEADER,
    ) -> Path:
        path = self.label_set / split / f"{stem}.txt"
        path.parent.mkdir(exist_ok=True)
        if isinstance(labels, bytes):
            path.write_bytes(labels)
        else:
            path.write_text("\n".join([header, *map(str, labels)]) + "\n")
        return path

    def video(
        self, name: str, places: Iterable[Places], folder: str = "batch1", **how: object
    ) -> Path:
        path = self.root / "videos" / folder / name
        return film(path, (scene(place) for place in places), **how)  # type: ignore[arg-type]
