"""Reading an Ultralytics checkpoint without running anything that is in it.

A `.pt` file is a pickle in a zip archive, and a pickle is a program: it names functions and classes
and calls them. PyTorch's own safe mode only has a list of what may be called, on which constructors
stand, and a constructor can fetch a file or fill the memory. Plain trainings call none: a network
is written as classes and their attributes. So classes of layers are filled here and never called,
and the few functions that a checkpoint does call are replaced by ours.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import re
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn

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
_PLAIN_NUMBER = re.compile(r"[fiub][1248]")


class ForeignCodeError(Exception):
    """A file calls or names something that no plain training writes; the message says what."""


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
            _replacements(self._count_bytes, self._layers)
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
            return _shell(_Forgotten)
        if is_known_layer(module, name):
            found = getattr(import_module(module), name, None)
            if isinstance(found, type) and issubclass(found, nn.Module):
                shell = _shell(found)
                self._layers[shell] = found
                return shell
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


class _Forgotten:
    """What a checkpoint holds of its training and prediction has no use for, a loss for example."""

    def __setstate__(self, state: object) -> None:
        """Keep nothing."""


class _NumberKind:
    """What stands for a NumPy dtype."""

    order = "="

    def __init__(self, code: str, *_: object) -> None:
        self.code = code

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the byte order, the only part of interest."""
        self.order = str(state[1])


def _shell(real: Any) -> type:
    """Return a class whose instances are empty ones of `real`, made without its constructor."""

    def new(_: type, *args: object, **options: object) -> Any:
        if args or options:
            raise ForeignCodeError(f"it calls {real.__module__}.{real.__qualname__}")
        return real.__new__(real)

    return type(real.__name__, (), {"__new__": new})


def _replacements(
    count_bytes: Callable[[int], None], layers: Mapping[type, type]
) -> Iterable[tuple[tuple[str, str], Any]]:
    """Yield the names of everything but layers that a checkpoint refers to, and what it gets."""

    def tensor(
        storage: torch.Tensor,
        offset: int,
        size: tuple[int, ...],
        stride: tuple[int, ...],
        requires_grad: bool = False,
        *_: object,
    ) -> torch.Tensor:
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        inside = offset >= 0 and min((0, *size, *stride)) >= 0 and last < storage.numel()
        if math.prod(size) and (not inside or math.prod(size) > storage.numel()):
            raise zipfile.BadZipFile("a tensor does not fit its part of the file")
        if not math.prod(size):
            return torch.empty(size, dtype=storage.dtype)
        count_bytes((last + 1 - offset) * storage.itemsize)
        made = storage.as_strided(size, stride, offset).clone()
        return made.requires_grad_(bool(requires_grad))

    def parameter(data: torch.Tensor, requires_grad: bool = True, *_: object) -> nn.Parameter:
        return nn.Parameter(data, bool(requires_grad))

    def attribute(owner: Any, name: str) -> Any:
        layer = layers.get(owner) if isinstance(owner, type) else type(owner)
        if (
            name not in ("forward", "forward_fuse")
            or layer is None
            or not issubclass(layer, nn.Module)
        ):
            raise ForeignCodeError(f"it asks for the attribute {name}")
        method = getattr(layer, name)
        if not isinstance(owner, type):
            return method.__get__(owner)
        # Segmentation heads hold that of their base. A function anew, so that none is changed.
        return lambda *arguments, **options: method(*arguments, **options)

    def number(kind: _NumberKind, data: bytes) -> Any:
        if not _PLAIN_NUMBER.fullmatch(kind.code):
            raise ForeignCodeError(f"it holds a number of the kind {kind.code}")
        (value,) = np.frombuffer(data, np.dtype(kind.order + kind.code))
        return value.item()

    def encode(text: str, encoding: str) -> bytes:
        if encoding != "latin1":
            raise ForeignCodeError(f"it encodes text as {encoding}")
        return text.encode("latin1")

    def path(*parts: str) -> Path:
        return Path(*map(str, parts))

    namespace = _shell(import_module("ultralytics.utils").IterableSimpleNamespace)
    functions: dict[str, Callable[..., Any] | type] = {
        "torch._utils._rebuild_tensor_v2": tensor,
        "torch._utils._rebuild_parameter": parameter,
        "torch.Size": torch.Size,
        "torch.device": torch.device,
        "collections.OrderedDict": OrderedDict,
        "_codecs.encode": encode,
        "numpy.dtype": type("dtype", (_NumberKind,), {}),
        "ultralytics.utils.IterableSimpleNamespace": namespace,
        "ultralytics.yolo.utils.IterableSimpleNamespace": namespace,
    }
    for module in ("builtins", "__builtin__"):
        functions |= {f"{module}.set": set, f"{module}.getattr": attribute}
    for module in ("numpy.core.multiarray", "numpy._core.multiarray"):
        functions[f"{module}.scalar"] = number
    for module in ("pathlib", "pathlib._local"):
        functions |= {f"{module}.{kind}Path": path for kind in ("Posix", "Windows", "Pure")}
    for name, function in functions.items():
        where, _, what = name.rpartition(".")
        yield (where, what), function
