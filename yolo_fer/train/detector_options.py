"""What a detector is trained from and how, as `train` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yolo_fer.errors import UsageError

_RECIPES = (None, "yofo")
_NAMES = ("project", "name")


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How a detector is trained.

    Args:
        model: `yolo-fer-n`, our own, which is the default; one of Ultralytics such as `yolo11n`
            (or `yolo11n.yaml`); or a `.pt` to go on from.
        start: weights to start from: a name of `yolo-fer weights list`, a `.pt`, or `none` for
            random ones. By default the shipped weights for our own network, and for others the
            COCO weights that belong to them; if those are not here, a warning says what it is.
        recipe: `yofo` for the training of the reference paper.
        device: `auto`, `cpu`, `cuda`, or Ultralytics' `0,1` for several GPUs.
        resume: go on with the newest unfinished run on the same data.
        trust_weights: load `.pt` files that are not safe to load.
        settings: Ultralytics settings, before everything else.

    Raises:
        UsageError: if the recipe is unknown.
    """

    model: str | None = None
    start: str | None = None
    recipe: str | None = None
    device: str = "auto"
    resume: bool = False
    trust_weights: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.recipe not in _RECIPES:
            raise UsageError(f"`recipe={self.recipe}` is not known; the only recipe is yofo")

    @property
    def given(self) -> dict[str, Any]:
        """The settings, with names as text: to YAML `name=5` is a number."""
        return {k: str(v) if k in _NAMES else v for k, v in self.settings.items()}
