"""Comparing systems on one split of a dataset: the same images, settings and code for all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolo_fer.dataset.evaluation_set import EvaluationSet, read_evaluation_set
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.compare.crowds import FaceCrops
from yolo_fer.evaluate.compare.systems import (
    ComparedSystem,
    Settings,
    UnavailableSystem,
    load_systems,
)
from yolo_fer.evaluate.compare.timing import Timing, time_systems
from yolo_fer.evaluate.environment import installed_versions
from yolo_fer.evaluate.evaluate import evaluate
from yolo_fer.evaluate.observations import Progress
from yolo_fer.paths import encoded
from yolo_fer.runtime.json_yaml import read_json
from yolo_fer.two_stage.load import Choice
from yolo_fer.weights.hashes import sha256_of


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one system.

    Args:
        system: the system.
        figures: the figures of its metrics.json; see `evaluate.metrics`.
        timings: one for each number of faces.
    """

    system: ComparedSystem
    figures: dict[str, Any]
    timings: tuple[Timing, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table of all systems.

    Args:
        data: the data.yaml.
        split: the split that was measured.
        images_sha256: what tells the images and their labels apart from others.
        settings: what is the same for all systems.
        rows: the rows, in the order in which the systems were named.
        unavailable: what could not be compared.
    """

    data: Path
    split: str
    images_sha256: str
    settings: Settings
    rows: tuple[Row, ...]
    unavailable: tuple[UnavailableSystem, ...]


def compare(
    choices: Sequence[Choice],
    data_yaml: Path,
    split: str,
    folder: Path,
    settings: Settings,
    *,
    batch: int = 16,
    resamples: int = 1000,
    repeats: int = 7,
    plots: bool = True,
    progress: Progress = lambda items, description, total: items,
    say: Callable[[str], None] = lambda line: None,
) -> Comparison:
    """Measure systems one after the other, then time all of them in turn.

    The folder gets one folder per system with what `evaluate` writes. A system that has its figures
    there, of the same weights, images and settings, is not measured again.

    Args:
        choices: the choices of the systems.
        data_yaml: the data.yaml of the dataset, converted by yolo-fer or a plain YOLO one.
        split: `train`, `val` or `test`.
        folder: an existing one.
        settings: what is the same for all systems.
        batch: how many images a system is given at a time.
        resamples: the number of resamples of the bootstrap over groups; 0 gives no intervals.
        repeats: rounds of the timing that count.
        plots: whether to draw each system's confusion, curves and mistakes.
        progress: wraps the images of a system.
        say: is told of each system that is not measured again.

    Raises:
        UsageError: if the data.yaml has no such split, or a system is named twice.
        YoloFerError: if the data cannot be used, or no system.
        MissingExtraError: if pycocotools or, for pictures, matplotlib is not installed.
    """
    dataset = read_evaluation_set(data_yaml, split)
    images = _fingerprint(dataset, progress)
    systems, unavailable = load_systems(choices, settings)
    figures = []
    for system in systems:
        task = _Task(system, data_yaml, split, settings, images, resamples)
        own = folder / "systems" / system.folder
        known = task.read(own)
        if known is not None:
            say(f"{system.name}: measured before")
        figures.append(known or task.run(own, batch=batch, plots=plots, progress=progress))
    timings = time_systems([c.timed for c in systems], FaceCrops.collect(dataset), repeats)
    rows = tuple(map(Row, systems, figures, timings))
    return Comparison(data_yaml, split, images, settings, rows, tuple(unavailable))


@dataclass(frozen=True, slots=True)
class _Task:
    """Measuring one system."""

    system: ComparedSystem
    data_yaml: Path
    split: str
    settings: Settings
    images_sha256: str
    resamples: int

    @property
    def _options(self) -> dict[str, Any]:
        own = self.system.record.options
        return {**own, "device": self.settings.device, "images": self.images_sha256}

    def read(self, folder: Path) -> dict[str, Any] | None:
        """Return the figures of an earlier run, None if there are none of the very same thing."""
        wanted = {
            "weights_sha256": self.system.record.weights_sha256,
            "data": str(self.data_yaml),
            "split": self.split,
            "options": self._options,
            "versions": installed_versions(),
        }
        try:
            figures = read_json(folder / "metrics.json")
            same = {key: figures[key] for key in wanted} == wanted
            same = same and figures["bootstrap"]["resamples"] == self.resamples
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return dict(figures) if same else None

    def run(self, folder: Path, *, batch: int, plots: bool, progress: Progress) -> dict[str, Any]:
        """Measure the system; metrics.json is written last, so that it stands for all of it."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "metrics.json").unlink(missing_ok=True)
        except OSError as error:
            raise YoloFerError(f"cannot write to {folder}: {error.strerror}") from error
        metrics = evaluate(
            self.system.measured,
            self.data_yaml,
            self.split,
            batch=batch,
            resamples=self.resamples,
            out=folder,
            plots=plots,
            weights_sha256=self.system.record.weights_sha256,
            options=self._options,
            progress=progress,
        )
        return metrics.to_json()


def _fingerprint(dataset: EvaluationSet, progress: Progress) -> str:
    """Return a hash of the names, contents and labels of all images of a set."""
    digest = hashlib.sha256()
    for image in progress(dataset.images, "hashing", len(dataset.images)):
        try:
            content = sha256_of(image.path)
        except OSError:
            content = ""  # the measuring says what is wrong with it
        digest.update(encoded(f"{image.name}\0{content}\0{image.group}\n"))
        digest.update(image.faces.boxes.round(6).tobytes() + image.faces.emotions.tobytes())
    return digest.hexdigest()
