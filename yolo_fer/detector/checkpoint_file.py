"""Reading an Ultralytics checkpoint without running anything that is in it.

A `.pt` file is a pickle in a zip archive, and a pickle is a program: it names functions and classes
and calls them. PyTorch's own safe mode only has a list of what may be called, on which constructors
stand, and a constructor can fetch a file or fill the memory. Plain trainings call none: a network
is written as classes and their attributes. So classes of layers are filled here and never called,
and the few functions that a checkpoint does call are replaced by ours.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from yolo_fer.detector.checkpoint_replacements import (
    ForeignCodeError,
    Forgotten,
    replacements,
    shell,
)

_STORAGES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}

_TORCH_LAYERS = {
    "activation": "ELU GELU Hardsigmoid Hardswish LeakyReLU Mish MultiheadAttention PReLU ReLU "
    "ReLU6 SELU SiLU Sigmoid Softmax Softplus Tanh",
    "batchnorm": "BatchNorm1d BatchNorm2d",
    "container": "ModuleDict ModuleList Sequential",
    "conv": "Conv1d Conv2d ConvTranspose2d",
    "dropout": "Dropout Dropout1d Dropout2d",
    "flatten": "Flatten Unflatten",
    "linear": "Identity Linear NonDynamicallyQuantizableLinear",
    "normalization": "GroupNorm LayerNorm",
    "padding": "ReflectionPad2d ReplicationPad2d ZeroPad2d",
    "pixelshuffle": "PixelShuffle PixelUnshuffle",
    "pooling": "AdaptiveAvgPool2d AdaptiveMaxPool2d AvgPool2d MaxPool2d",
    "sparse": "Embedding",
    "upsampling": "Upsample UpsamplingBilinear2d UpsamplingNearest2d",
}
_ULTRALYTICS_LAYERS = ("activation", "block", "conv", "head", "transformer")
_NOT_WRITTEN = ("TorchVision",)  # made to fetch weights; no network of Ultralytics' own has it
_NETWORKS = (
    "ClassificationModel", "DetectionModel", "OBBModel", "PoseModel", "RTDETRDetectionModel",
    "SegmentationModel", "WorldModel", "YOLOEModel", "YOLOESegModel",
)  # fmt: skip
_RENAMED = {
    ("ultralytics.nn.modules.block", "Silence"): ("torch.nn.modules.linear", "Identity"),
    ("ultralytics.nn.tasks", "YOLOv10DetectionModel"): ("ultralytics.nn.tasks", "DetectionModel"),
}
_LOSSES = ("ultralytics.utils.loss", "ultralytics.utils.tal", "torch.nn.modules.loss")
_MOST_SHARING = 4
_PLACES = ("PUT", "BINPUT", "LONG_BINPUT")


def read_checkpoint(path: Path) -> Any:
    """Read what a training of ours, or a plain one of Ultralytics, saved.

    No more memory is used than the file has bytes, a few times.

    Raises:
        ForeignCodeError: if the file holds more than layers, tensors and plain values.
        zipfile.BadZipFile: if it is damaged, or not in the format that PyTorch writes since 1.6.
        Exception: whatever an unpickler finds wrong with a damaged pickle.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise ForeignCodeError("its parts are compressed, which PyTorch never does")
        if sum(entry.file_size for entry in entries) > path.stat().st_size:
            raise zipfile.BadZipFile("its parts are larger than the file")
        pickles = [entry.filename for entry in entries if entry.filename.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise zipfile.BadZipFile("it holds no single data.pkl")
        folder = pickles[0].removesuffix("data.pkl")
        names = {entry.filename for entry in entries}
        if f"{folder}constants.pkl" in names:
            raise ForeignCodeError("it is a TorchScript program")
        order = f"{folder}byteorder"
        if order in names and archive.read(order).decode() != sys.byteorder:
            raise zipfile.BadZipFile("it was written on a machine with another byte order")
        return _Reader(archive, folder).load()


class _Reader(pickle.Unpickler):
    """Unpickles one file.

    Functions and classes are made anew for each file, so that none can change those of the next.
    """

    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        program = archive.read(f"{folder}data.pkl")
        _check_places(program)
        super().__init__(io.BytesIO(program))
        self._archive, self._folder = archive, folder
        self._storages: dict[str, torch.Tensor] = {}
        self._layers: dict[type, type] = {}
        # Tensors are parts of storages; that all together are many times as large is a trick.
        self._bytes_left = _MOST_SHARING * sum(entry.file_size for entry in archive.infolist())
        self._known: dict[tuple[str, str], Any] = dict(
            replacements(self._count_bytes, self._layers)
        )

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a name: a class to be filled, a replacement, or nothing."""
        key = module, name
        if key not in self._known:
            self._known[key] = self._find(*_RENAMED.get(key, key))
        return self._known[key]

    def _find(self, module: str, name: str) -> Any:
        if module == "torch":
            if name in _STORAGES:
                return SimpleNamespace(dtype=_STORAGES[name])
            if isinstance(getattr(torch, name, None), torch.dtype):
                return getattr(torch, name)
        if module in _LOSSES or module.startswith("ultralytics.yolo.utils.loss"):
            return shell(Forgotten)
        if is_known_layer(module, name):
            found = getattr(import_module(module), name, None)
            if isinstance(found, type) and issubclass(found, nn.Module):
                made = shell(found)
                self._layers[made] = found
                return made
        raise ForeignCodeError(f"it refers to {module}.{name}")

    def _count_bytes(self, count: int) -> None:
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise ForeignCodeError("its tensors would take many times the memory of the file")

    def persistent_load(self, pid: Any) -> torch.Tensor:
        """Return the (N,) numbers of a storage; a tensor is a view of one."""
        kind, storage, key, _, count = pid
        if kind != "storage" or not isinstance(getattr(storage, "dtype", None), torch.dtype):
            raise ForeignCodeError(f"it refers to a {kind!r}")
        if key not in self._storages:
            data = bytearray(self._archive.read(f"{self._folder}data/{key}"))
            if len(data) != count * storage.dtype.itemsize:
                raise zipfile.BadZipFile(f"its part {key} has another size than it should")
            empty = torch.empty(0, dtype=storage.dtype)
            self._storages[key] = torch.frombuffer(data, dtype=storage.dtype) if data else empty
        return self._storages[key]


def _check_places(program: bytes) -> None:
    """Make sure that a pickle writes only to places that it can need.

    An unpickler makes a list as long as the largest of them, gigabytes for one that is far away.
    """
    for opcode, place, _ in pickletools.genops(program):
        if opcode.name in _PLACES and int(place or 0) >= len(program):
            raise ForeignCodeError(f"it writes to place {place} of its memory")


def is_known_layer(module: str, name: str) -> bool:
    """Return whether a class is a layer or network that plain trainings write."""
    package, _, file = module.rpartition(".")
    if package == "torch.nn.modules":
        return name in _TORCH_LAYERS.get(file, "").split()
    if module == "ultralytics.nn.tasks":
        return name in _NETWORKS
    if module == "ultralytics.nn.modules":  # one file in the first releases
        return name not in _NOT_WRITTEN
    return (
        package == "ultralytics.nn.modules"
        and file in _ULTRALYTICS_LAYERS
        and name not in _NOT_WRITTEN
    )
