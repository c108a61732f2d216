"""What stands for the functions and classes, layers excepted, that a checkpoint refers to."""

from __future__ import annotations

import math
import re
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

_PLAIN_NUMBER = re.compile(r"[fiub][1248]")
_PATHS = ("pathlib", "pathlib._local")


class ForeignCodeError(Exception):
    """A file calls or names something that no plain training writes; the message says what."""


class Forgotten:
    """What a checkpoint holds of its training and prediction has no use for, a loss for example."""

    def __setstate__(self, state: object) -> None:
        """Keep nothing."""


class NumberKind:
    """What stands for a NumPy dtype."""

    order = "="

    def __init__(self, code: str, *_: object) -> None:
        self.code = code

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the byte order, the only part of interest."""
        self.order = str(state[1])


def shell(real: Any) -> type:
    """Return a class whose instances are empty ones of `real`, made without its constructor."""

    def new(_: type, *args: object, **options: object) -> Any:
        if args or options:
            raise ForeignCodeError(f"it calls {real.__module__}.{real.__qualname__}")
        return real.__new__(real)

    return type(real.__name__, (), {"__new__": new})


def replacements(
    count_bytes: Callable[[int], None], layers: Mapping[type, type]
) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield module and name of all that a checkpoint refers to but layers, and its replacement.

    The functions are made anew each time, since a file can set attributes of them.

    Args:
        count_bytes: a function that is called with the bytes of each tensor before they are taken.
        layers: the real class of each class that stands for a layer.
    """
    namespace = shell(import_module("ultralytics.utils").IterableSimpleNamespace)
    functions: dict[str, Callable[..., Any] | type] = {
        **_functions_of_values(),
        "torch._utils._rebuild_tensor_v2": _tensor_maker(count_bytes),
        "torch.Size": torch.Size,
        "torch.device": torch.device,
        "collections.OrderedDict": OrderedDict,
        "numpy.dtype": type("dtype", (NumberKind,), {}),
        "ultralytics.utils.IterableSimpleNamespace": namespace,
        "ultralytics.yolo.utils.IterableSimpleNamespace": namespace,
    }
    attribute = _attribute_getter(layers)
    for module in ("builtins", "__builtin__"):
        functions |= {f"{module}.set": set, f"{module}.getattr": attribute}
    for name, function in functions.items():
        where, _, what = name.rpartition(".")
        yield (where, what), function


def _tensor_maker(count_bytes: Callable[[int], None]) -> Callable[..., torch.Tensor]:
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

    return tensor


def _attribute_getter(layers: Mapping[type, type]) -> Callable[[Any, str], Any]:
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

    return attribute


def _functions_of_values() -> dict[str, Callable[..., Any]]:
    """Return the replacements that make parameters, numbers, bytes and paths."""

    def parameter(data: torch.Tensor, requires_grad: bool = True, *_: object) -> nn.Parameter:
        return nn.Parameter(data, bool(requires_grad))

    def number(kind: NumberKind, data: bytes) -> Any:
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

    paths = [f"{m}.{kind}Path" for m in _PATHS for kind in ("Posix", "Windows", "Pure")]
    return {
        "torch._utils._rebuild_parameter": parameter,
        "numpy.core.multiarray.scalar": number,
        "numpy._core.multiarray.scalar": number,
        "_codecs.encode": encode,
        **dict.fromkeys(paths, path),
    }
