"""Whether the memory of a stream stays flat, however long it runs."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path

from tools.benchmark.figures import Figure
from tools.benchmark.memory import resident
from yolo_fer.detector import Detector
from yolo_fer.evaluate.compare.crowds import crowd_frames
from yolo_fer.inputs.video import VideoFrame, VideoProblem
from yolo_fer.predict.stream import Following, predict_stream

_SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)
_MOST_GROWTH = 1.05
_RATE = 25
_SIZE = (640, 360)


class DrawnSource:
    """A source of so many frames, in which the number of faces changes all the time.

    Args:
        frames: how many.
    """

    name = "drawn"
    live = False
    frame_rate = Fraction(_RATE)
    problem: VideoProblem | None = None
    dropped = 0
    reconnects = 0

    def __init__(self, frames: int) -> None:
        self.claimed_frames: int | None = frames
        self._images = [
            image for faces in (0, 1, 3, 20) for image in crowd_frames(faces, *_SIZE, count=5)
        ]

    def frames(self) -> Generator[VideoFrame, None, None]:
        """Yield the frames."""
        for index in range(self.claimed_frames or 0):
            # a copy, as a decoder's frame is one
            image = self._images[index // _RATE % len(self._images)].copy()
            yield VideoFrame(index, 1000 * index / _RATE, image)

    def close(self) -> None:
        """End the reading."""


def stream_memory(weights: Path, frames: int, imgsz: int, threads: int) -> Figure:
    """Measure how much the memory of a process grows while it predicts, tracks and smooths.

    Args:
        weights: as `Detector` takes them.
        frames: of the stream, which is made on the fly.
        imgsz: longer side of the network's input.
        threads: of the network.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        readings, seconds = pool.submit(_run, weights, frames, imgsz, threads).result()
    course = ", ".join(
        f"{share:.0%}: {megabytes:.1f}" for share, megabytes in zip(_SHARES, readings, strict=True)
    )
    return Figure(
        "memory after all frames : after a tenth",
        (readings[-1] / readings[0],),
        "x",
        _MOST_GROWTH,
        at_most=True,
        setting=f"{frames} frames of {_SIZE[0]}x{_SIZE[1]} with --track --smooth at {imgsz} px in "
        f"{seconds:.0f} s; resident MB {course}",
    )


def _run(weights: Path, frames: int, imgsz: int, threads: int) -> tuple[list[float], float]:
    detector = Detector(weights, imgsz=imgsz, device="cpu", threads=threads)
    tracker, smoother = Following(track=True, smooth=1.0).start()
    wanted = {max(1, round(share * frames)) for share in _SHARES}
    readings = []
    start = time.perf_counter()
    predicted = predict_stream(detector, DrawnSource(frames), tracker, smoother)
    for number, _ in enumerate(predicted, start=1):
        if number in wanted:
            readings.append(resident("self")[0])
    return readings, time.perf_counter() - start
