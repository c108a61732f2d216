"""How much a conversion costs compared with the least that it could cost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tools.benchmark.figures import Figure, in_words, interleave, seconds_into
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.expw_source import ExpwFolder
from yolo_fer.convert.options import Run
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.evaluate.stopwatch import per_pair
from yolo_fer.images import JPEG_QUALITY
from yolo_fer.runtime.executor import Workers

_CHUNK = 32
_LONG_SIDE, _STRIDE = 640, 32  # of RetinaFace's inputs


def compare(
    unlabelled: Unlabelled, root: Path, scratch: Path, workers: int, repeats: int
) -> Figure:
    """Compare a conversion of ExpW with the bare loop of its mode.

    Args:
        unlabelled: one of `COMPARISONS`.
        root: of the raw dataset.
        scratch: where both write, and leave nothing.
        workers: processes on both sides.
        repeats: pairs that count.
    """
    loop = COMPARISONS[unlabelled]
    files = list(ExpwFolder.find(root).images().values())
    chunks = [files[i : i + _CHUNK] for i in range(0, len(files), _CHUNK)]
    options = ExpwOptions(unlabelled=unlabelled)

    def ours(out: Path) -> None:
        convert_expw(root, out, options, Run(workers))

    def bare(out: Path) -> None:
        out.mkdir()
        with Workers(workers) as pool:
            done = sum(pool.map_ordered(partial(loop, out=out), chunks))
        assert done == len(files)  # the baseline is worth nothing if it skips images

    seconds = interleave(
        partial(seconds_into, ours, scratch / "ours"),
        partial(seconds_into, bare, scratch / "bare"),
        repeats,
    )
    setting = f"{len(files)} images, {workers} processes, {in_words(*seconds)}"
    if unlabelled is Unlabelled.KEEP:
        name = "convert --unlabelled keep : copy + SHA-256 + decode"
        return Figure(name, per_pair(*seconds), "x", 2.0, at_most=True, setting=setting)
    return Figure(
        "throughput of convert --unlabelled mask : decode + RetinaFace's session.run + JPEG",
        tuple(100 / ratio for ratio in per_pair(*seconds)),
        " %",
        85,
        at_most=False,
        setting=f"{setting}, 1 thread each, batch size 1",
    )


def copy_hash_decode(files: Sequence[Path], out: Path) -> int:
    """Copy, hash and decode files with nothing around it; return how many were images."""
    decoded = 0
    for file in files:
        data = file.read_bytes()
        (out / file.name).write_bytes(data)
        hashlib.sha256(data).hexdigest()
        decoded += cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) is not None
    return decoded


def decode_run_encode(files: Sequence[Path], out: Path) -> int:
    """Decode files, run RetinaFace's network on as many pixels, and write JPEG files.

    The network's inputs are ready before: scaling, padding and reading its outputs are ours.
    """
    session = bare_retinaface()
    decoded = 0
    for file in files:
        image = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        if image is not None:
            session.run(["loc", "conf"], {"input": ready_input(*image.shape[:2])})
            done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            (out / file.name).with_suffix(".jpg").write_bytes(data.tobytes())
            decoded += done
    return decoded


@cache
def bare_retinaface() -> Any:
    """Open RetinaFace's network with one thread, once per process."""
    import onnxruntime

    from yolo_fer.faces.retinaface import WEIGHTS
    from yolo_fer.weights.store import read_installed

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(read_installed(WEIGHTS), options, providers=providers)


@cache
def ready_input(height: int, width: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return noise of the shape that an image has as RetinaFace's input."""
    ratio = min(1.0, _LONG_SIDE / max(height, width))
    sides = (-(-max(1, round(side * ratio)) // _STRIDE) * _STRIDE for side in (height, width))
    rng = np.random.default_rng(0)
    return rng.uniform(-128, 128, (1, 3, *sides)).astype(np.float32)


COMPARISONS: dict[Unlabelled, Callable[..., int]] = {
    Unlabelled.KEEP: copy_hash_decode,
    Unlabelled.MASK: decode_run_encode,
}
