"""What every network looks like from outside, and what its file says about itself."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from yolo_fer.errors import YoloFerError

OWN_KEY = "yolo_fer"
"""The metadata key of what yolo-fer adds to a network: a JSON object with the next keys."""
CONF_KEY = "face_conf"
"""The advised threshold of a face's score, 0 to 1."""
OLD_CONF_KEY = "conf"
"""The same in files from before the face had a score of its own: for the largest of the seven."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a weights file says about itself.

    Args:
        names: class id to class name.
        size: height and width of the input that the network was trained or exported for.
        stride: of the coarsest output; each side of an input is a multiple of it.
        own: what yolo-fer added; empty for a foreign file.
    """

    names: Mapping[int, str]
    size: tuple[int, int]
    stride: int = 32
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def advised_conf(self) -> float | None:
        """The least score of a face that the weights' authors advise, 0 to 1."""
        return self.own.get(CONF_KEY)

    @property
    def advises_old_conf(self) -> bool:
        """Whether all that is advised is a threshold of another score than the face's."""
        return CONF_KEY not in self.own and OLD_CONF_KEY in self.own

    @property
    def box_convention(self) -> str | None:
        """Whose boxes the weights have learned, `expw` or `retinaface`; None if not noted."""
        convention = self.own.get("box_convention")
        return None if convention is None else str(convention)

    @property
    def precision(self) -> str:
        """In which numbers the file wants to be computed: `fp32`, `fp16` or `int8`."""
        return str(self.own.get("precision", "fp32"))


class Network(Protocol):
    """A loaded network, whatever runs it."""

    @property
    def metadata(self) -> Metadata:
        """What the file says about itself."""

    @property
    def fixed_size(self) -> tuple[int, int] | None:
        """Height and width of the only input that it takes, None if it takes any size."""

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network.

        Args:
            batch: (1, 3, H, W) RGB, 0 to 1.

        Returns:
            What the head gives, as it is; `decode` knows the layouts.
        """


def parse_metadata(path: Path, raw: Mapping[str, Any]) -> Metadata:
    """Read the metadata that Ultralytics writes into an export.

    Args:
        path: the weights file, for messages.
        raw: the keys; a value may be text, as in ONNX, where it is a Python literal.

    Raises:
        YoloFerError: if the file is for another task than detection, has no class names, or a value
            is damaged.
    """
    task = str(raw.get("task", "detect"))
    if task != "detect":
        raise YoloFerError(f"{path}: a network for the task '{task}', not a detector")
    if "names" not in raw:
        raise YoloFerError(
            f"{path}: has no class names, so that its outputs cannot be told apart. "
            "Export it with Ultralytics, or with yolo-fer export."
        )
    try:
        names = _literal(raw["names"])
        names = dict(enumerate(names)) if isinstance(names, list) else dict(names)
        size = _literal(raw.get("imgsz", 640))
        height, width = (size, size) if isinstance(size, int) else size
        return Metadata(
            names={int(key): str(name) for key, name in names.items()},
            size=(int(height), int(width)),
            stride=int(_literal(raw.get("stride", 32))),
            own=_own(raw.get(OWN_KEY, "{}")),
        )
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise YoloFerError(f"{path}: its metadata is damaged ({error})") from error


def _literal(value: Any) -> Any:
    return ast.literal_eval(value) if isinstance(value, str) else value


def _own(text: str) -> dict[str, Any]:
    own = json.loads(text)
    if not isinstance(own, dict):
        raise ValueError(f"'{OWN_KEY}' is not a JSON object")
    conf = own.get(CONF_KEY)
    if conf is not None and not (isinstance(conf, int | float) and 0 <= conf <= 1):
        raise ValueError(f"'{CONF_KEY}' in '{OWN_KEY}' is {conf!r}, not a number between 0 and 1")
    return own
