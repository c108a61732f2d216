"""How large a network would be that a checkpoint describes, found out before it is made.

A training makes a network anew, from the description in the checkpoint that it starts from, and
only then takes over its weights. So a small file could ask for any size, or for a layer that
fetches a file when it is made. Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from ultralytics.nn import tasks

from yolo_fer.detector.checkpoint_file import is_known_layer
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.ultralytics_packages import attribute_replaced

MOST_PARAMETERS = 200_000_000
"""The largest network of Ultralytics has 140 million."""
_MOST_NUMBERS = 100_000_000  # of one tensor: 400 MB
_MOST_STEPS = 20_000  # YOLOv9e takes 6,000
_MOST_REPEATS = 100
_SIDE = 256  # of the image that Ultralytics shows a new network


def check_description(name: str, description: Mapping[str, Any], classes: int) -> None:
    """Make sure that a network can be made of a description in a checkpoint.

    Args:
        name: the file that it comes from, for the error.
        description: what Ultralytics calls the `yaml` of a network.
        classes: how many there will be.

    Raises:
        YoloFerError: if it names a layer that no plain network has, is larger than
            `MOST_PARAMETERS`, or cannot be built.
    """
    try:
        own = {**deepcopy(dict(description)), "nc": classes}
        if own["backbone"][0][2] == "Silence":  # what Identity was called
            own["backbone"][0][2] = "nn.Identity"
        for layer in (*own["backbone"], *own["head"]):
            _check_layer(layer, own)
        with (
            attribute_replaced(tasks, "SAFE_LOAD", True),  # an activation is no code
            attribute_replaced(tasks.Conv, "default_act", tasks.Conv.default_act),
            torch.device("meta"),  # sizes without numbers
            _Bounded(),
        ):
            count = _count_parameters(own)
        if count > MOST_PARAMETERS:
            raise ValueError(f"it has {count:,} parameters, more than {MOST_PARAMETERS:,}")
    except Exception as error:  # whatever the constructors of layers raise
        raise YoloFerError(
            f"{name}: the network that this file describes cannot be made ({error}); "
            "if it is your own, add `trust_weights`"
        ) from error


def _check_layer(layer: Sequence[Any], description: Mapping[str, Any]) -> None:
    _, repeats, name, _ = layer
    made = getattr(nn, name[3:]) if name.startswith("nn.") else getattr(tasks, name, None)
    if not (isinstance(made, type) and is_known_layer(made.__module__, made.__name__)):
        raise ValueError(f"it has a layer {name}")
    scales = (description.get("scales") or {}).values()
    depths = [description.get("depth_multiple") or 1.0, *(depth for depth, *_ in scales)]
    if not repeats * max(1.0, *depths) <= _MOST_REPEATS:
        raise ValueError(f"it repeats a layer {name} more than {_MOST_REPEATS} times")


def _count_parameters(description: dict[str, Any]) -> int:
    """Build the layers and show them an image, as Ultralytics does with a new network."""
    channels = description.get("channels", 3)
    layers, saved = tasks.parse_model(description, ch=channels, verbose=False)
    layers.eval()
    layers[-1].training = True
    values: list[Any] = []
    value = torch.zeros(1, channels, _SIDE, _SIDE)
    for layer in layers:
        if isinstance(layer.f, int):
            value = value if layer.f == -1 else values[layer.f]
        else:
            value = [value if index == -1 else values[index] for index in layer.f]
        value = layer(value)
        values.append(value if layer.i in saved else None)
    return sum(parameter.numel() for parameter in layers.parameters())


class _Bounded(TorchDispatchMode):  # type: ignore[misc]  # PyTorch does not type it
    """Ends what makes a huge tensor, or tensors without end."""

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise ValueError("it has too many layers")
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, torch.Tensor) and tensor.numel() > _MOST_NUMBERS:
                raise ValueError(f"it holds a tensor of {tensor.numel():,} numbers")
        return made
