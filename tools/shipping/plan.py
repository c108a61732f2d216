"""How the shipped network is trained: the lengths of the trainings, and where they are computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from tools.shipping.loop import Schedule
from tools.shipping.materials import Pictures
from tools.shipping.views import STAGES, STAGES_ON, Stage
from yolo_fer.runtime.executor import Progress, no_progress

IMGSZ = 384
"""Input size that the weights advise."""
CROPS = Schedule(steps=4500, rate=1e-3, decay=0.05, average=0.998, save_every=750)
IMAGES = Schedule(steps=10000, rate=1e-3, save_every=1000)


@dataclass(frozen=True, slots=True)
class Plan:
    """All trainings; weights/EXPERIMENTS.md says why.

    Args:
        crops: of the classifier of crops.
        images: of the detector.
        naming: weight of naming expressions relative to finding faces.
        stages: how whole images are composed, from the beginning to the end.
        seed: of all that is random.
    """

    crops: Schedule = CROPS
    images: Schedule = IMAGES
    naming: float = 8.0
    stages: tuple[Stage, ...] = STAGES
    seed: int = 0

    def continued(self) -> Plan:
        """Return the plan of training a detector on that has learned to find and name faces."""
        return replace(self, images=replace(self.images, steps=8000, rate=6e-4), stages=STAGES_ON)

    def shortened(self, share: float) -> Plan:
        """Return the plan with a share of its steps, for a trial."""
        crops, images = (
            replace(schedule, steps=max(1, round(share * schedule.steps)))
            for schedule in (self.crops, self.images)
        )
        return replace(self, crops=crops, images=images)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a training is computed; a training that goes on may be on another one.

    Args:
        device: of the network.
        workers: processes that make batches ahead; 0 makes them between the steps.
        log: receives the messages that say how well the training goes.
        progress: shows how far it is.
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    workers: int = 0
    log: Callable[[str], None] = lambda message: None
    progress: Progress[Any] = no_progress


@dataclass(frozen=True, slots=True)
class Job:
    """What all the trainings have in common.

    Args:
        start: the checkpoint of a YOLO11n, of yolo-fer-n or of our network to start from.
        kept: the checkpoint of a detector of whose scores and boxes the new one keeps what it can.
        pictures: to learn from, by source.
        validation: to measure on, by source.
        plan: how long, and how fast.
        work: for a folder of each training with its state, log.csv and validation.csv.
        on: the machine.
    """

    start: Path
    kept: Path
    pictures: Pictures
    validation: Pictures
    plan: Plan
    work: Path
    on: Machine
