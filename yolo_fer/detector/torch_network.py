"""Networks in PyTorch checkpoints such as Ultralytics' `best.pt`, loaded without running code."""

from __future__ import annotations

import math
import os
import pickle
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from yolo_fer.detector.network import OWN_KEY, Metadata, parse_metadata, unknown_head
from yolo_fer.errors import UsageError, YoloFerError, first_line
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics

_FOREIGN = (
    "holds more than a network, and loading it could run foreign code, so it was not loaded "
    "({}). If you trust its author: `trust_weights`"
)
_MOST_RUNS = 20_000  # of layers, for one image; YOLOv9e takes 1,500


class TorchNetwork:
    """A network in a PyTorch checkpoint.

    End-to-end families (YOLO26, YOLOv10) are read from their one-to-many branch, because the other
    branch returns only the best class of each box.

    Args:
        path: the `.pt` file.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        threads: the number of threads that PyTorch uses in this process; None lets it choose.
        trust: load a checkpoint that can run code.

    Raises:
        MissingExtraError: if Ultralytics is not installed.
        YoloFerError: if the file is damaged, not a detector, or holds more than a network.
        UsageError: if the device is not available.
    """

    def __init__(self, path: Path, device: str, threads: int | None, trust: bool) -> None:
        import_ultralytics(f"loading {path.name}")
        import torch

        self._device = torch.device(_device(device, torch.cuda.device_count()))
        if threads is not None:
            torch.set_num_threads(threads)
        keep_from_hanging()
        checkpoint = load_checkpoint(path, trust)
        model = detection_model(path, checkpoint)
        self.fixed_size = None
        self.batch_size = None
        self.on_gpu = self._device.type == "cuda"
        # The head keeps the places of its boxes from one run to the next of the same size.
        self._lock = threading.Lock()
        self.metadata = metadata_of(path, checkpoint, model)
        with _attributes_of(path):
            head = model.model[-1]
            head.end2end = False
            head.export = False
            fused = model.float().fuse(verbose=False).eval()
        self._model = fused.to(self._device)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network on (N, 3, H, W) RGB, 0 to 1."""
        import torch

        keep_from_hanging()
        with self._lock, torch.inference_mode():
            output = self._model(torch.from_numpy(batch).to(self._device))
        return cast(NDArray[np.float32], output[0].cpu().numpy())


_home: int | None = None
"""The process in which PyTorch was used first."""


def keep_from_hanging() -> None:
    """Let PyTorch use one thread in a process that was forked from one that has used it.

    It would wait for the threads of its parent else, which are not there. PyTorch's own data
    loaders do the same.
    """
    global _home
    if _home is None:
        _home = os.getpid()
    elif _home != os.getpid():
        import torch

        torch.set_num_threads(1)


def load_checkpoint(path: Path, trust: bool = False) -> dict[str, Any]:
    """Load an Ultralytics checkpoint; nothing in it is run unless `trust` is set.

    Raises:
        MissingExtraError: if Ultralytics is not installed.
        YoloFerError: if the file is damaged, or holds more than a network and is not trusted.
    """
    import_ultralytics(f"loading {path.name}")
    from yolo_fer.detector.checkpoint_file import read_checkpoint
    from yolo_fer.detector.checkpoint_replacements import ForeignCodeError

    try:
        checkpoint = _load_with_code(path) if trust else read_checkpoint(path)
    except ForeignCodeError as error:
        raise YoloFerError(f"{path}: {_FOREIGN.format(error)}") from error
    except Exception as error:  # an unpickler may raise anything
        raise YoloFerError(f"{path}: {_what_is_wrong(path, error)}") from error
    if not isinstance(checkpoint, dict):
        raise YoloFerError(f"{path}: not an Ultralytics checkpoint")
    return checkpoint


@contextmanager
def plainly_named_copy(path: Path) -> Iterator[Path]:
    """Copy a checkpoint into a folder of its own, under the name `weights.pt`, for a while.

    Ultralytics rewrites names (it drops apostrophes, yolov3-tiny.pt becomes yolov3-tinyu.pt) and
    then downloads what it does not find: it has to get a file under a name that it keeps.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "weights.pt"
        shutil.copyfile(path, copy)
        yield copy


def _load_with_code(path: Path) -> Any:
    from ultralytics.nn.tasks import torch_safe_load

    with plainly_named_copy(path) as copy:
        return torch_safe_load(str(copy), safe_only=False)[0]


def metadata_of(path: Path, checkpoint: Mapping[str, Any], model: Any) -> Metadata:
    """Return what a checkpoint says about its network.

    Raises:
        YoloFerError: if it is damaged.
    """
    with _attributes_of(path):
        return parse_metadata(
            path,
            {
                "names": model.names,
                "imgsz": input_size(checkpoint),
                "stride": max(int(max(model.stride)), 32),
                OWN_KEY: checkpoint.get(OWN_KEY, "{}"),
            },
        )


def input_size(checkpoint: Mapping[str, Any]) -> int:
    """Return the longer side of the input, in pixels, that a checkpoint was trained for."""
    model = checkpoint.get("ema") or checkpoint.get("model")
    arguments = getattr(model, "args", None) or checkpoint.get("train_args") or {}
    size = dict(arguments).get("imgsz") or 640
    return int(max(size) if isinstance(size, list | tuple) else size)


def _what_is_wrong(path: Path, error: Exception) -> str:
    if _is_pickle(path):
        return _FOREIGN.format("it is a pickle of unknown content")
    if not zipfile.is_zipfile(path):
        return "not a PyTorch checkpoint, or cut short; is the file complete?"
    return f"cannot be loaded as an Ultralytics checkpoint ({first_line(error)})"


def _is_pickle(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(1) == pickle.PROTO


def detection_model(path: Path, checkpoint: Mapping[str, Any]) -> Any:
    """Return the network of a checkpoint.

    Raises:
        YoloFerError: if there is none, it is for another task, or its head is not that of a YOLO
            detector; the message names it.
    """
    from torch import nn
    from ultralytics.nn.modules.head import Detect
    from ultralytics.nn.tasks import BaseModel, guess_model_task

    with _attributes_of(path):
        found = [checkpoint.get(key) for key in ("ema", "model")]
        model = next((network for network in found if isinstance(network, nn.Module)), None)
        if model is None:
            raise YoloFerError(f"{path}: not an Ultralytics checkpoint; it holds no network")
        if not isinstance(model, BaseModel):
            raise YoloFerError(f"{path}: holds a {type(model).__name__}, no network of Ultralytics")
        task = getattr(model, "task", None) or guess_model_task(model)
        head = model.model[-1]
        if task not in ("detect", None):  # None: Ultralytics does not know its head
            raise YoloFerError(f"{path}: a network for the task '{task}', not a detector")
        if not isinstance(head, Detect):
            raise YoloFerError(f"{path}: {unknown_head(type(head).__name__)}")
        _check_layers(model)
    return model


def _check_layers(network: Any) -> None:
    """Make sure that the layers are as large and as many as they say, before any of them is run.

    Raises:
        ValueError: if one is not, or a few that stand in each other are run without end.
    """
    from torch import nn

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            kernel = math.prod(layer.kernel_size)
            said = layer.in_channels * layer.out_channels // layer.groups * kernel
            if layer.weight.numel() != said:
                raise ValueError(f"a layer of {said} weights has {layer.weight.numel()}")
    if _count_runs(network, {}) > _MOST_RUNS:
        raise ValueError(f"its layers are run more than {_MOST_RUNS} times")


def _count_runs(layer: Any, known: dict[int, int]) -> int:
    """Count the layers in a layer, each as often as it is there; `children` would give it once."""
    if layer is None:
        return 0
    if id(layer) not in known:
        inside = layer._modules.values()
        known[id(layer)] = 1 + sum(_count_runs(one, known) for one in inside)
    return known[id(layer)]


@contextmanager
def _attributes_of(path: Path) -> Iterator[None]:
    """Report whatever goes wrong with a network whose attributes come from a file as its damage."""
    try:
        yield
    except YoloFerError:
        raise
    except Exception as error:
        raise YoloFerError(
            f"{path}: holds a network that cannot be used ({first_line(error)})"
        ) from error


def _device(device: str, gpus: int) -> str:
    if device == "auto":
        return "cuda:0" if gpus else "cpu"
    if device != "cpu" and not gpus:
        raise UsageError(f"device '{device}': PyTorch finds no CUDA; use `device=cpu`")
    if device.startswith("cuda:") and int(device.removeprefix("cuda:")) >= gpus:
        raise UsageError(f"device '{device}': PyTorch finds {gpus} of them, and counts from 0")
    return device
