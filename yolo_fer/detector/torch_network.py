"""Networks in PyTorch checkpoints such as Ultralytics' `best.pt`, loaded without running code."""

from __future__ import annotations

import pickle
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from yolo_fer.detector.network import OWN_KEY, parse_metadata
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics


class TorchNetwork:
    """A network in a PyTorch checkpoint.

    End-to-end families (YOLO26, YOLOv10) are read from their one-to-many branch, because the other
    branch gives only the best class of each box.

    Args:
        path: the .pt file.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        threads: how many threads PyTorch uses in this process; None lets it choose.
        trust: load a checkpoint that can run code.

    Raises:
        MissingExtraError: if Ultralytics is not installed.
        YoloFerError: if the file is damaged, not a detector, or holds more than a network.
        UsageError: if the device is not available.
    """

    def __init__(self, path: Path, device: str, threads: int | None, trust: bool) -> None:
        import_ultralytics(f"loading {path.name}")
        import torch

        self._device = torch.device(_device(device, torch.cuda.is_available()))
        if threads is not None:
            torch.set_num_threads(threads)
        checkpoint = load_checkpoint(path, trust)
        model = _detection_model(path, checkpoint)
        head = model.model[-1]
        head.end2end = False
        head.export = False
        self.metadata = parse_metadata(
            path,
            {
                "names": model.names,
                "imgsz": input_size(checkpoint),
                "stride": max(int(max(model.stride)), 32),
                OWN_KEY: checkpoint.get(OWN_KEY, "{}"),
            },
        )
        self.fixed_size = None
        # The head keeps the places of its boxes from one run to the next of the same size.
        self._lock = threading.Lock()
        self._model = model.float().fuse(verbose=False).eval().to(self._device)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network on (1, 3, H, W) RGB, 0 to 1."""
        import torch

        with self._lock, torch.inference_mode():
            output = self._model(torch.from_numpy(batch).to(self._device))
        return cast(NDArray[np.float32], output[0].cpu().numpy())


def load_checkpoint(path: Path, trust: bool = False) -> dict[str, Any]:
    """Load an Ultralytics checkpoint; only network classes are rebuilt unless `trust` is set.

    Raises:
        YoloFerError: if the file is damaged, or holds anything else and is not trusted.
    """
    import torch
    from ultralytics.nn.tasks import torch_safe_load

    if not trust and not hasattr(torch.serialization, "get_unsafe_globals_in_checkpoint"):
        # There Ultralytics would quietly load the file in the way that runs code.
        raise YoloFerError(
            f"{path}: PyTorch {torch.__version__} cannot load it safely; install PyTorch 2.6 or "
            "later, or give --trust-weights if you trust the file's author"
        )
    with tempfile.TemporaryDirectory() as folder:
        # Ultralytics rewrites names (it drops apostrophes, yolov3-tiny.pt becomes yolov3-tinyu.pt)
        # and then downloads what it does not find: it gets the file under a name that it keeps.
        copy = Path(folder) / "weights.pt"
        try:
            shutil.copyfile(path, copy)
            checkpoint, _ = torch_safe_load(str(copy), safe_only=not trust)
        except Exception as error:  # an unpickler may raise anything
            raise YoloFerError(f"{path}: {_what_is_wrong(path, error)}") from error
    if not isinstance(checkpoint, dict):
        raise YoloFerError(f"{path}: not an Ultralytics checkpoint")
    return checkpoint


def input_size(checkpoint: Mapping[str, Any]) -> int:
    """Return the longer side of the input, in pixels, that a checkpoint was trained for."""
    model = checkpoint.get("ema") or checkpoint.get("model")
    arguments = getattr(model, "args", None) or checkpoint.get("train_args") or {}
    return int(dict(arguments).get("imgsz") or 640)


def _what_is_wrong(path: Path, error: Exception) -> str:
    refused = error.__cause__ if isinstance(error.__cause__, pickle.UnpicklingError) else None
    if refused is not None and ("global" in str(refused).lower() or _is_pickle(path)):
        return (
            "holds more than a network, and loading it could run foreign code, so it was not "
            f"loaded ({_refused_name(str(refused))}). If you trust its author: --trust-weights"
        )
    if not zipfile.is_zipfile(path):
        return "not a PyTorch checkpoint, or cut short; is the file complete?"
    return f"cannot be loaded as an Ultralytics checkpoint ({str(error).strip().splitlines()[0]})"


def _is_pickle(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(1) == pickle.PROTO


def _refused_name(message: str) -> str:
    """Find the name that PyTorch refused in its message of many lines."""
    _, found, rest = message.partition("GLOBAL ")
    return f"it refers to {rest.split()[0]}" if found else "it is a pickle of unknown content"


def _detection_model(path: Path, checkpoint: Mapping[str, Any]) -> Any:
    from torch import nn
    from ultralytics.nn.modules.head import Detect
    from ultralytics.nn.tasks import guess_model_task

    model = checkpoint.get("ema") or checkpoint.get("model")
    if not isinstance(model, nn.Module):
        raise YoloFerError(f"{path}: not an Ultralytics checkpoint; it holds no network")
    task = getattr(model, "task", None) or guess_model_task(model)
    if task != "detect" or not isinstance(model.model[-1], Detect):
        raise YoloFerError(f"{path}: a network for the task '{task}', not a detector")
    return model


def _device(device: str, cuda: bool) -> str:
    if device == "auto":
        return "cuda:0" if cuda else "cpu"
    if device != "cpu" and not cuda:
        raise UsageError(f"device '{device}': PyTorch finds no CUDA; use --device cpu")
    return device
