"""How much `predict` costs compared with the network alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tools.benchmark.figures import Figure, in_words, interleave
from yolo_fer.detector import Detector
from yolo_fer.detector.preprocess import Letterbox
from yolo_fer.evaluate.stopwatch import per_pair, stopwatch
from yolo_fer.images import read
from yolo_fer.inputs.listing import collect_images
from yolo_fer.outputs import JsonLinesSink
from yolo_fer.predict.image_files import predict_images
from yolo_fer.runtime.onnx_runtime import open_session


def predicting(
    folder: Path, weights: Path, scratch: Path, threads: int, imgsz: int | None, repeats: int
) -> Figure:
    """Compare predicting a folder into JSON lines with decoding and the bare network.

    Args:
        folder: of images.
        weights: an ONNX file.
        scratch: where the JSON lines go.
        threads: of ONNX Runtime, on both sides.
        imgsz: longer side of the network's input; None takes that of the weights.
        repeats: pairs that count.
    """
    inputs = collect_images([str(folder)])
    files = [item.path for item in inputs]
    detector = Detector(weights, imgsz=imgsz, device="cpu", threads=threads)
    session = open_session(weights, threads=threads)
    ready = _ready_inputs(files, detector, session)

    def ours() -> float:
        seconds: list[float] = []
        with stopwatch(seconds), JsonLinesSink(str(scratch / "lines.jsonl"), True) as sink:
            for predicted in predict_images(detector, inputs):
                sink.write(predicted)
        return seconds[0]

    ours_seconds, bare_seconds = interleave(ours, partial(_bare, files, session, ready), repeats)
    return Figure(
        "predict FOLDER --json : decode + session.run",
        per_pair(ours_seconds, bare_seconds),
        "x",
        goal=1.15,
        at_most=True,
        setting=f"{len(files)} images, {detector.name} at {detector.imgsz} px, {threads} threads, "
        f"batch size 1, {in_words(ours_seconds, bare_seconds)}",
    )


def _bare(files: Sequence[Path], session: Any, ready: Sequence[np.ndarray[Any, Any]]) -> float:
    seconds: list[float] = []
    name = session.get_inputs()[0].name
    with stopwatch(seconds):
        for file, batch in zip(files, ready, strict=True):
            cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
            session.run(None, {name: batch})
    return seconds[0]


def _ready_inputs(
    files: Sequence[Path], detector: Detector, session: Any
) -> list[np.ndarray[Any, Any]]:
    """Return the network's input for each file; those of one shape share an array."""
    fixed = isinstance(session.get_inputs()[0].shape[2], int)
    by_shape: dict[tuple[int, int], np.ndarray[Any, Any]] = {}
    ready = []
    for file in files:
        image = read(file)
        limit = (detector.imgsz, detector.imgsz)
        letterbox = Letterbox.fit(image.shape[:2], limit, 0 if fixed else 32)
        ready.append(by_shape.setdefault(letterbox.input_size, letterbox.apply(image)))
    return ready
