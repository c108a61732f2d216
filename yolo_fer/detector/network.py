"""What every network looks like from outside, and what its file says about itself."""

from __future__ import annotations

import ast
import json
import re
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
SECOND_LOOK_KEY = "second_look"
"""Sides of a face in pixels, `above`, `best` and perhaps `largest`: see `second_looks`."""

_YOLO_HEADS = ("Detect", "v10Detect", "WorldDetect", "YOLOEDetect")
_RT_DETR = re.compile(r"rt-?detr", re.IGNORECASE)
_MOST_CLASSES = 100_000
LARGEST_SIDE = 10_000
"""Pixels of a network's input, at most."""
LARGEST_BATCH = 1024
"""Images that a network takes at once, at most."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a weights file says about itself.

    Args:
        names: class id to class name.
        size: height and width of the input that the network was trained or exported for.
        stride: each side of an input is a multiple of it: for most networks the stride of the
            coarsest output.
        own: the entries that yolo-fer added; empty for a foreign file.
        end_to_end: whether the graph returns one class for each box, with suppression done; None if
            the file does not say.
    """

    names: Mapping[int, str]
    size: tuple[int, int]
    stride: int = 32
    own: Mapping[str, Any] = field(default_factory=dict)
    end_to_end: bool | None = None

    @property
    def advised_conf(self) -> float | None:
        """The least score of a face that the weights' authors advise, 0 to 1."""
        return self.own.get(CONF_KEY)

    @property
    def advises_old_conf(self) -> bool:
        """Whether all that is advised is a threshold of another score than the face's."""
        return CONF_KEY not in self.own and OLD_CONF_KEY in self.own

    @property
    def second_look(self) -> Mapping[str, float] | None:
        """When an image is looked at again, in the words of `second_looks`; None for never."""
        return self.own.get(SECOND_LOOK_KEY)

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

    @property
    def batch_size(self) -> int | None:
        """How many images it takes at once, no more and no less; None if it takes any number."""

    @property
    def on_gpu(self) -> bool:
        """Whether a graphics card runs it."""

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network.

        Args:
            batch: (N, 3, H, W) RGB, 0 to 1; N is `batch_size`, if there is one.

        Returns:
            (N, …): the output of the head as it is; `decode` knows the layouts.
        """


def parse_metadata(path: Path, raw: Mapping[str, Any]) -> Metadata:
    """Read the metadata that Ultralytics writes into an export.

    Args:
        path: the weights file, for messages.
        raw: the keys; a value may be text, as in ONNX, where it is a Python literal.

    Raises:
        YoloFerError: if the file is for another task than detection, its head is not that of a YOLO
            detector, it has no class names, or a value is damaged.
    """
    task = raw.get("task", "detect")
    if task != "detect":
        raise YoloFerError(f"{path}: a network for the task {_shown(task)}, not a detector")
    head = raw.get("head")
    if head is None and _RT_DETR.search(_shown(raw.get("description"))):
        head = "RTDETRDecoder"  # what earlier releases of Ultralytics do not name
    if head is not None and head not in _YOLO_HEADS:
        raise YoloFerError(f"{path}: {unknown_head(_shown(head))}")
    if "names" not in raw:
        raise YoloFerError(
            f"{path}: has no class names, so that its outputs cannot be told apart. "
            "Export it with Ultralytics, or with yolo-fer export."
        )
    try:
        names = _literal(raw["names"])
        names = dict(enumerate(names)) if isinstance(names, list) else dict(names)
        names = {_whole("a class", key, 0, _MOST_CLASSES): _name(n) for key, n in names.items()}
        if sorted(names) != list(range(len(names))):
            raise ValueError(f"its classes are not numbered from 0 on: {sorted(names)}")
        size = _literal(raw.get("imgsz", 640))
        height, width = (size, size) if isinstance(size, int) else size
        return Metadata(
            names=names,
            size=(
                _whole("imgsz", height, 1, LARGEST_SIDE),
                _whole("imgsz", width, 1, LARGEST_SIDE),
            ),
            stride=_whole("stride", _literal(raw.get("stride", 32)), 1, LARGEST_SIDE),
            own=_own(raw.get(OWN_KEY, "{}")),
            end_to_end=_end_to_end(raw),
        )
    except (
        ArithmeticError, LookupError, ValueError, TypeError, SyntaxError, MemoryError,
        RecursionError,
    ) as error:  # fmt: skip
        raise YoloFerError(f"{path}: its metadata is damaged ({error})") from error


def checked_batch_size(path: Path, size: object) -> int | None:
    """Return the size of a batch as a file has it: a number, or anything else if it is free.

    Raises:
        YoloFerError: if no batch has that size.
    """
    if not isinstance(size, int):
        return None
    if not 1 <= size <= LARGEST_BATCH:
        raise YoloFerError(
            f"{path}: takes {size} images at once; 1 to {LARGEST_BATCH} are possible here"
        )
    return size


def unknown_head(name: str) -> str:
    """Return the sentence that refuses a head which no decoder here reads."""
    known = "RT-DETR, which returns" if "RTDETR" in name else f"{name}, which returns"
    return (
        f"its head is that of {known} its boxes in another form than YOLO detectors (v3 to 26), "
        "and only those are read here"
    )


def _whole(what: str, value: Any, least: int, most: int) -> int:
    number = int(value)
    if not least <= number <= most:
        raise ValueError(f"{what} is {number}, not {least} to {most}")
    return number


def _name(value: Any) -> str:
    # No list: an alias in YAML can make one of a few bytes that is endless as text.
    if not isinstance(value, str | int | float):
        raise TypeError(f"a class name is a {type(value).__name__}")
    return str(value)


def _shown(value: Any) -> str:
    """Return a value as a message shows it, however large it is."""
    return f"'{value[:100]}'" if isinstance(value, str) else f"of the type {type(value).__name__}"


def _end_to_end(raw: Mapping[str, Any]) -> bool | None:
    arguments = _literal(raw.get("args") or {})
    said = [_literal(raw["end2end"])] if "end2end" in raw else []
    if isinstance(arguments, Mapping) and "nms" in arguments:
        said.append(arguments["nms"])
    return any(said) if said else None


def _literal(value: Any) -> Any:
    return ast.literal_eval(value) if isinstance(value, str) else value


def _own(text: str) -> dict[str, Any]:
    own = json.loads(text)
    if not isinstance(own, dict):
        raise ValueError(f"'{OWN_KEY}' is not a JSON object")
    conf = own.get(CONF_KEY)
    if conf is not None and not (isinstance(conf, int | float) and 0 <= conf <= 1):
        raise ValueError(f"'{CONF_KEY}' in '{OWN_KEY}' is {conf!r}, not a number between 0 and 1")
    if SECOND_LOOK_KEY in own:
        own[SECOND_LOOK_KEY] = _second_look(own[SECOND_LOOK_KEY])
    return own


def _second_look(said: Mapping[str, Any]) -> dict[str, float]:
    sides = {key: float(said[key]) for key in ("above", "best")}
    largest = float(said.get("largest", LARGEST_SIDE))
    if not 1 <= sides["best"] <= sides["above"] <= largest <= LARGEST_SIDE:
        raise ValueError(
            f"'{SECOND_LOOK_KEY}' in '{OWN_KEY}' has sides of {sides['above']:g}, "
            f"{sides['best']:g} and {largest:g} pixels, where 1 <= best <= above <= largest <= "
            f"{LARGEST_SIDE} is possible"
        )
    return {**sides, "largest": largest} if "largest" in said else sides
