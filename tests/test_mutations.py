"""Files that are changed at random: each is read, or refused with a reason."""

from __future__ import annotations

import random
import resource
import time
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.helpers.clips import grey_frames, write_mp4
from tests.helpers.drawn_crops import drawn_photograph
from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.tiny_set import LEFT, RIGHT, SPLIT, TinyImage, write_set
from yolo_fer import images
from yolo_fer.dataset.evaluation_set import read_evaluation_set
from yolo_fer.detector import Detector
from yolo_fer.emotions import Emotion
from yolo_fer.errors import ImageError, YoloFerError
from yolo_fer.inputs.video import VideoFile

pytestmark = pytest.mark.slow

SECONDS, ATTEMPTS = 10.0, 2000  # for each kind of file; raise both to search longer
MOST_MEMORY = 1_500_000  # KiB that may be added
WORDS = [
    b"NaN",
    b"1e999",
    b"-1",
    b"9" * 400,
    b"\x00",
    b"*a",
    b"&a [*a]",
    b"{",
    b"]",
    b"\xff",
    b",,",
]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """One to four changes: flipped bits, cuts, repeats, zeros, and words that readers may fear."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(changed) + 1)
        length = rng.choice([1, 2, 8, 64, 1000])
        match rng.randrange(6):
            case 0 if changed:
                changed[min(place, len(changed) - 1)] ^= 1 << rng.randrange(8)
            case 1:
                del changed[place:]
            case 2:
                del changed[place : place + length]
            case 3:
                changed[place:place] = changed[place : place + length]
            case 4:
                changed[place : place + length] = bytes(length)
            case _:
                changed[place:place] = rng.choice(WORDS)
    return bytes(changed)


def hold(attempt: Callable[[random.Random], None]) -> None:
    """Try for a while, with a number in the message by which a failure can be repeated."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    end, number = time.monotonic() + SECONDS, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while number < ATTEMPTS and time.monotonic() < end:
            try:
                attempt(random.Random(number))
            except YoloFerError as error:
                assert str(error).strip(), f"attempt {number} is refused without a reason"
            except Exception as error:
                raise AssertionError(f"attempt {number}: {error!r}") from error
            number += 1
    assert number > 10
    added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert added < MOST_MEMORY, f"{added} KiB after {number} attempts"


def encoded(format: str) -> bytes:
    data = BytesIO()
    Pillow.fromarray(drawn_photograph(Emotion.FEAR, 1)[..., ::-1]).save(data, format)
    return data.getvalue()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_images(format: str) -> None:
    whole = encoded(format)

    def attempt(rng: random.Random) -> None:
        try:
            decoded = images.decode(mutated(whole, rng))
        except ImageError as error:
            assert error.reason
        else:
            assert decoded.dtype == np.uint8
            assert decoded.ndim == 3

    hold(attempt)


@pytest.mark.parametrize(
    "file", ["data.yaml", "manifest.csv", "annotations/instances_test.json", "labels/test/000.txt"]
)
def test_sets(tmp_path: Path, file: str) -> None:
    tiny = [TinyImage(((LEFT, Emotion.FEAR), (RIGHT, None))), TinyImage(((LEFT, Emotion.ANGER),))]
    data = write_set(tmp_path / "set", tiny, coco=file.endswith(("json", "csv")))
    target = next((tmp_path / "set").glob(file.replace("000", "*")))
    whole = target.read_bytes()

    def attempt(rng: random.Random) -> None:
        target.write_bytes(mutated(whole, rng))
        assert len(read_evaluation_set(data, SPLIT).images) <= 2

    hold(attempt)


def test_networks(tmp_path: Path) -> None:
    whole = write_constant(tmp_path / "x.onnx", raw_output(((160, 160, 80, 80), {3: 0.9})))
    content, image = whole.read_bytes(), np.full((64, 64, 3), 99, np.uint8)

    def attempt(rng: random.Random) -> None:
        whole.write_bytes(mutated(content, rng))
        for face in Detector(whole).predict([image])[0].faces:
            assert 0 <= face.score <= 1

    hold(attempt)


def test_videos(tmp_path: Path) -> None:
    whole = write_mp4(tmp_path / "whole.mp4", grey_frames(12)).read_bytes()
    target = tmp_path / "x.mp4"

    def attempt(rng: random.Random) -> None:
        target.write_bytes(mutated(whole, rng))
        video = VideoFile(target)
        decoded = sum(1 for _ in video.frames())
        assert decoded or video.problem, "no frame, and no word about it"

    hold(attempt)
