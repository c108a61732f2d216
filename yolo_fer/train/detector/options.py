"""What a detector is trained from and how, as `train` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yolo_fer.errors import UnusedArgumentError, UsageError

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
        resume: go on with the newest unfinished run on the same data. Its network and its recipe
            stay; it goes on where it ran before, unless `device` says where.
        trust_weights: load `.pt` files that are not safe to load.
        settings: Ultralytics settings, before everything else.

    Raises:
        UsageError: if the recipe is unknown, or what begins a training is given to `resume`.
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
        begins = {"model": self.model, "start": self.start, "recipe": self.recipe}
        if self.resume and (given := [name for name, value in begins.items() if value is not None]):
            raise UnusedArgumentError(
                f"`{given[0]}` is for a new training; `resume` goes on with what the run began "
                "with. Leave one of them out",
                *given,
            )

    @property
    def given(self) -> dict[str, Any]:
        """The settings, with names as text: to YAML `name=5` is a number."""
        return {k: str(v) if k in _NAMES else v for k, v in self.settings.items()}
