"""Networks in ONNX files, run by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolo_fer.detector.network import LARGEST_SIDE, checked_batch_size, parse_metadata
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.onnx_runtime import open_session, read_metadata, runs_on_gpu

_INPUT_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class OnnxNetwork:
    """A network in an ONNX file.

    Args:
        path: the ONNX file.
        device: the device, as in `onnx_runtime.providers`.
        threads: the number of threads of one run; None lets ONNX Runtime choose.

    Raises:
        YoloFerError: if the file is damaged, not a detector, or the device is not available.
    """

    def __init__(self, path: Path, device: str, threads: int | None) -> None:
        self._session = open_session(path, device=device, threads=threads)
        self._input = _only_image_input(path, self._session.get_inputs())
        self._outputs = [output.name for output in self._session.get_outputs()]
        self.metadata = parse_metadata(path, read_metadata(path, self._session))
        if len(self._outputs) != 1:
            raise YoloFerError(f"{path}: has {len(self._outputs)} outputs; a YOLO detector has one")
        self._dtype = _INPUT_TYPES[self._input.type]
        self.fixed_size = _fixed_size(path, self._input.shape)
        self.batch_size = checked_batch_size(path, self._input.shape[0])
        self.on_gpu = runs_on_gpu(self._session)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network on (N, 3, H, W) RGB, 0 to 1."""
        feed = {self._input.name: batch.astype(self._dtype, copy=False)}
        (output,) = self._session.run(self._outputs, feed)
        return np.asarray(output, dtype=np.float32)


def _only_image_input(path: Path, inputs: list[Any]) -> Any:
    described = ", ".join(f"{i.name} {i.type}{i.shape}" for i in inputs)
    if (
        len(inputs) != 1
        or inputs[0].type not in _INPUT_TYPES
        or len(inputs[0].shape) != 4
        or inputs[0].shape[1] not in (3, None)
    ):
        raise YoloFerError(
            f"{path}: not an image detector; its input is {described}, not float (batch, 3, H, W)"
        )
    return inputs[0]


def _fixed_size(path: Path, shape: list[int | str | None]) -> tuple[int, int] | None:
    height, width = shape[2:]
    if not isinstance(height, int) or not isinstance(width, int):
        return None
    if not 1 <= min(height, width) <= max(height, width) <= LARGEST_SIDE:
        raise YoloFerError(f"{path}: no image has the size of its input, {width}x{height}")
    return height, width
