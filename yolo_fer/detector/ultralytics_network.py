"""Networks in the other formats of Ultralytics: TorchScript, NCNN, MNN, LiteRT and so on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolo_fer.detector.network import checked_batch_size, parse_metadata
from yolo_fer.detector.torch_network import keep_from_hanging
from yolo_fer.errors import UnusedArgumentError, YoloFerError, first_line
from yolo_fer.runtime.ultralytics_packages import nothing_installed
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics, quiet

SUFFIXES = (
    ".torchscript", ".mnn", ".tflite", ".engine", ".mlpackage", ".pb",
    "_saved_model", "_ncnn_model", "_paddle_model", "_executorch_model",
)  # fmt: skip
"""How the names of files and folders end that are run by Ultralytics."""

# The others hold numbers and operators of a fixed list. So do ONNX and OpenVINO, which refuse an
# operator of a third party as long as the library that it comes from is not loaded.
_PROGRAMS = {
    ".torchscript": "TorchScript, a program that can read and write files",
    ".engine": "a TensorRT engine, which is machine code",
    ".mlpackage": "a Core ML package, which can name layers of its own",
    ".pb": "a TensorFlow graph, which can read and write files",
    "_saved_model": "a TensorFlow graph, which can read and write files",
    "_paddle_model": "a Paddle program, which can read and write files",
    "_executorch_model": "an ExecuTorch program, which can call into libraries",
}


def check_trust(path: Path, trust: bool) -> None:
    """Make sure that a format which can hold a program is only loaded from a trusted source.

    Raises:
        YoloFerError: if it can, and `trust` is not set.
    """
    what = next((what for end, what in _PROGRAMS.items() if path.name.endswith(end)), None)
    if what is not None and not trust:
        raise YoloFerError(
            f"{path} is {what}, so that loading it could run foreign code; it was not loaded. If "
            "you trust its author: `trust_weights`"
        )


class UltralyticsNetwork:
    """A network that Ultralytics' own `AutoBackend` runs.

    Args:
        path: the exported file or folder.
        device: `cpu`, `auto`, which is the same, `cuda` or `cuda:N`.
        threads: None; no other value is possible.

    Raises:
        MissingExtraError: if Ultralytics is not installed.
        YoloFerError: if a package is missing, or the file is damaged or not a detector.
        UsageError: if a number of threads is asked for, which these runtimes have no word for.
    """

    def __init__(self, path: Path, device: str, threads: int | None) -> None:
        if threads is not None:
            raise UnusedArgumentError(
                f"{path}: the number of threads can be set for ONNX and OpenVINO only", "threads"
            )
        import_ultralytics(f"loading {path.name}")
        import torch
        from ultralytics.nn.autobackend import AutoBackend

        keep_from_hanging()
        self._lock = threading.Lock()  # few of these runtimes say that two threads may use them
        self._device = torch.device("cpu" if device == "auto" else device)
        try:
            with nothing_installed(f"running {path.name}"), quiet():
                self._backend: Any = AutoBackend(str(path), device=self._device, verbose=False)
        except YoloFerError:
            raise
        except Exception as error:  # each runtime has exceptions of its own
            reason = first_line(error)
            raise YoloFerError(f"{path}: cannot be loaded ({reason})") from error
        own = self._backend.metadata or {}
        self.metadata = parse_metadata(path, own)
        dynamic = bool(dict(own.get("args") or {}).get("dynamic"))
        self.fixed_size = None if dynamic else self.metadata.size
        # Only what says so takes any number: NCNN, for one, looks at the first image alone.
        self.batch_size = None if dynamic else checked_batch_size(path, own.get("batch", 1)) or 1
        self.on_gpu = self._device.type == "cuda"

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network on (N, 3, H, W) RGB, 0 to 1."""
        import torch

        keep_from_hanging()
        with self._lock:
            output = self._backend(torch.from_numpy(batch).to(self._device))
            if isinstance(output, list | tuple):
                output = output[0]
            # Copied, because some runtimes write the next output to the same memory.
            return np.array(output.float().cpu().numpy(), np.float32)
