"""How fast frames in memory become faces, compared with the network alone and with more faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tools.benchmark.figures import Figure, in_words, interleave
from tools.benchmark.options import Frames
from yolo_fer.detector import Detector
from yolo_fer.detector.preprocess import Letterbox
from yolo_fer.evaluate.compare.crowds import crowd_frames
from yolo_fer.evaluate.compare.timing import mean_faces
from yolo_fer.evaluate.stopwatch import per_pair, stopwatch
from yolo_fer.images import Image
from yolo_fer.runtime.onnx_runtime import open_session

_LOOPS = 2  # over the frames in a repetition


def compare_with_bare_network(weights: Path, how: Frames, repeats: int) -> list[Figure]:
    """Compare frames through `Detector.predict` with the bare `session.run`, and count them.

    Args:
        weights: an ONNX file.
        how: the frames, and what the networks make of them.
        repeats: pairs that count.
    """
    frames = crowd_frames(1, *how.size)
    detector = Detector(weights, imgsz=how.imgsz, device="cpu", threads=how.threads)
    session = open_session(weights, threads=how.threads)
    name = session.get_inputs()[0].name
    ready = [_network_input(detector, frame) for frame in frames]

    def bare() -> float:
        return _seconds(lambda batch: session.run(None, {name: batch}), ready)

    ours, alone = interleave(partial(_seconds, _predictor(detector), frames), bare, repeats)
    number = len(frames) * _LOOPS
    setting = (
        f"{detector.name}, frames of {how.frame} in memory, input "
        f"{ready[0].shape[3]}x{ready[0].shape[2]}, {how.threads} threads"
    )
    return [
        Figure(
            "frames through predict : session.run",
            per_pair(ours, alone),
            "x",
            goal=1.2,
            at_most=True,
            setting=f"{setting}, {number} frames, {in_words(ours, alone)}",
        ),
        Figure(
            "frames a second, end to end from memory",
            tuple(number / seconds for seconds in ours),
            " fps",
            goal=60,
            at_most=False,
            setting=setting,
        ),
    ]


def compare_many_faces_with_one(weights: Path, how: Frames, repeats: int) -> Figure:
    """Compare frames of twenty faces with frames of one."""
    detector = Detector(weights, imgsz=how.imgsz, device="cpu", threads=how.threads)
    many, one = crowd_frames(20, *how.size), crowd_frames(1, *how.size)
    run = _predictor(detector)
    ours, alone = interleave(partial(_seconds, run, many), partial(_seconds, run, one), repeats)
    return Figure(
        "20 faces : 1 face",
        per_pair(ours, alone),
        "x",
        goal=1.1,
        at_most=True,
        setting=f"{detector.name} at {detector.imgsz} px, {how.threads} threads, "
        f"{mean_faces(detector, many):.1f} faces found compared with "
        f"{mean_faces(detector, one):.1f}, "
        f"{in_words(ours, alone)}",
    )


def runtimes(weights: Sequence[Path], how: Frames, repeats: int) -> list[Figure]:
    """Compare files of the same network: runtimes and precisions compared with the first one.

    Args:
        weights: what `Detector` takes; the first is what the others are compared with.
        how: the frames, and what the networks make of them.
        repeats: pairs that count.
    """
    frames = crowd_frames(1, *how.size)
    first = _predictor(Detector(weights[0], imgsz=how.imgsz, device="cpu", threads=how.threads))
    figures = []
    for path in weights[1:]:
        other = _predictor(Detector(path, imgsz=how.imgsz, device="cpu", threads=how.threads))
        ours, alone = interleave(
            partial(_seconds, other, frames), partial(_seconds, first, frames), repeats
        )
        number = len(frames) * _LOOPS
        figures.append(
            Figure(
                f"{path.name} : {weights[0].name}",
                per_pair(ours, alone),
                "x",
                goal=1.0,
                at_most=True,
                setting=f"frames of {how.frame} at {how.imgsz} px, {how.threads} threads, "
                f"{number / min(ours):.0f} frames a second compared with {number / min(alone):.0f}",
            )
        )
    return figures


def _predictor(detector: Detector) -> Callable[[Image], Any]:
    return lambda frame: detector.predict([frame])


def _seconds(run: Callable[[Any], Any], inputs: Sequence[Any]) -> float:
    seconds: list[float] = []
    with stopwatch(seconds):
        for _ in range(_LOOPS):
            for one in inputs:
                run(one)
    return seconds[0]


def _network_input(detector: Detector, frame: Image) -> np.ndarray[Any, Any]:
    stride = 0 if detector.input_size is not None else 32
    letterbox = Letterbox.fit(frame.shape[:2], (detector.imgsz, detector.imgsz), stride)
    return letterbox.apply(frame)
