"""The trainings that lead from YOLO11n to the shipped network, one after the other.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from tools.shipping.checkpoint import save_checkpoint
from tools.shipping.engine import Schedule, train
from tools.shipping.grey_network import seeing_grey, start_network
from tools.shipping.materials import Materials
from tools.shipping.naming import Naming, measure_naming
from tools.shipping.pictures import Picture
from tools.shipping.step_log import log_step
from tools.shipping.teaching import relabel
from tools.shipping.views import Mixture, ViewMaker
from yolo_fer.convert.steps import Progress, no_progress
from yolo_fer.errors import UsageError
from yolo_fer.images import write_atomically
from yolo_fer.weights.hashes import sha256_of

IMGSZ = 384
"""Input size that the weights advise: the best of five on ExpW's validation images."""
_MEASURED_FER_FACES = 800


@dataclass(frozen=True, slots=True)
class Stage:
    """A training.

    Args:
        name: of its folder.
        schedule: how long and how fast.
        seed: of all that is random.
        trust: share of what the network before it says in ExpW's labels, which are noisy, while
            faces without a label get the network's whole; None leaves labels as they are.
        extras: whether CK+'s faces and frames of Aff-Wild2 are added.
        mixture: how images are composed.
    """

    name: str
    schedule: Schedule
    seed: int
    trust: float | None = None
    extras: bool = False
    mixture: Mixture = field(default_factory=Mixture)


STAGES = (
    Stage("first", Schedule(steps=3200), seed=0),
    Stage("second", Schedule(steps=2100), seed=1, trust=0.4, extras=True),
    Stage(
        "third",
        Schedule(steps=6500, naming=4.0, save_every=500),
        seed=2,
        trust=0.4,
        extras=True,
    ),
)
"""weights/EXPERIMENTS.md says why."""


def shortened(stages: Sequence[Stage], share: float) -> tuple[Stage, ...]:
    """Return the stages with a share of their steps, for a trial."""
    return tuple(
        replace(
            stage,
            schedule=replace(stage.schedule, steps=max(1, round(share * stage.schedule.steps))),
        )
        for stage in stages
    )


def run_stage(
    stage: Stage,
    start: Path,
    materials: Materials,
    folder: Path,
    *,
    tell: Callable[[str], None] = lambda message: None,
    progress: Progress[Any] = no_progress,
) -> Path:
    """Train, or go on where a killed training had saved, or do nothing if it has ended.

    Args:
        stage: which training.
        start: checkpoint that it starts from, the end of the stage before.
        materials: that it learns from, converted.
        folder: for its state, log.csv, validation.csv and checkpoints.
        tell: told how well the network names validation faces, at each saving.
        progress: shows how far it is.

    Returns:
        The checkpoint of the trained network, in half precision.

    Raises:
        UsageError: if the folder holds a training by another recipe.
        YoloFerError: if a picture cannot be read, or the teacher finds hardly any face.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _check_recipe(folder / "recipe.json", stage, start, materials)
    trained = folder / "trained.pt"
    if trained.exists():
        tell(f"{stage.name}: already trained")
        return trained
    torch.manual_seed(stage.seed)
    network = start_network(start)
    photographs, crops = _lesson(stage, network, materials, progress)
    views = ViewMaker(photographs, crops, stage.mixture, stage.seed)
    examined = {
        "expw": materials.validation_photographs(),
        "fer": materials.fer("val")[:_MEASURED_FER_FACES],
    }

    def on_saving(average: Any, step: int) -> None:
        save_checkpoint(seeing_grey(average), folder / "newest.pt", IMGSZ, {})
        named = {name: measure_naming(average, pictures) for name, pictures in examined.items()}
        rows = [
            [name, *(f"{value:.6g}" for value in asdict(naming).values())]
            for name, naming in named.items()
        ]
        log_step(folder / "validation.csv", ["set", *Naming.__slots__], step, rows)
        figures = (f"{name} {100 * seen.accuracy:.1f} %" for name, seen in named.items())
        tell(f"{stage.name}, step {step}: names right of {', '.join(figures)}")

    average = train(network, views, stage.schedule, folder, on_saving, progress)
    save_checkpoint(seeing_grey(average), trained, IMGSZ, {})
    return trained


def _check_recipe(path: Path, stage: Stage, start: Path, materials: Materials) -> None:
    """Note what decides the result of a stage, or make sure that it is what was noted.

    Raises:
        UsageError: if the folder holds a training by another recipe.
    """
    recipe = {
        "stage": asdict(stage),
        "start_sha256": sha256_of(start),
        "expw_sha256": sha256_of(materials.expw / "manifest.csv"),
    }
    text = json.dumps(recipe, indent=1)
    if not path.exists():
        write_atomically(path, text.encode())
    elif json.loads(path.read_text(encoding="utf-8")) != json.loads(text):
        raise UsageError(
            f"{path.parent} holds a training with other settings, data or start (see {path.name}); "
            "give another --work, or remove that folder"
        )


def _lesson(
    stage: Stage, teacher: Any, materials: Materials, progress: Progress[Any]
) -> tuple[list[Picture], list[Picture]]:
    """Return the photographs and the crops that a stage learns from."""
    photographs, crops = materials.photographs(), materials.fer("train")
    if stage.trust is not None:
        photographs = relabel(teacher, photographs, stage.trust, progress)
    if stage.extras:
        photographs += materials.frames()
        crops += materials.posed()
    return photographs, crops
