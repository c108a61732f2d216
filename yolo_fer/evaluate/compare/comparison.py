"""Comparing systems on one split of a dataset: the same images, settings and code for all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yolo_fer.dataset.evaluation_set import EvaluationSet, read_evaluation_set
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.compare.crowds import FaceCrops
from yolo_fer.evaluate.compare.systems import (
    ComparedSystem,
    CompareOptions,
    UnavailableSystem,
    load_systems,
)
from yolo_fer.evaluate.compare.timing import Timing, time_systems
from yolo_fer.evaluate.evaluate import evaluate
from yolo_fer.evaluate.metrics import Provenance
from yolo_fer.evaluate.options import Origin
from yolo_fer.paths import encoded
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.runtime.json_yaml import read_json
from yolo_fer.systems import Choice
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
        options: what is the same for all systems.
        rows: the rows, in the order in which the systems were named.
        unavailable: what could not be compared.
    """

    data: Path
    split: str
    images_sha256: str
    options: CompareOptions
    rows: tuple[Row, ...]
    unavailable: tuple[UnavailableSystem, ...]


def compare(
    choices: Sequence[Choice],
    data_yaml: Path,
    split: str,
    folder: Path,
    options: CompareOptions,
    *,
    progress: Progress[Any] = no_progress,
    say: Callable[[str], None] = lambda line: None,
) -> Comparison:
    """Measure systems one after the other, then time all of them in turn.

    The folder gets one folder per system with what `evaluate` writes. A system that has its figures
    there, of the same weights, images and options, is not measured again.

    Args:
        choices: the choices of the systems.
        data_yaml: the data.yaml of the dataset, converted by yolo-fer or a plain YOLO one.
        split: `train`, `val` or `test`.
        folder: an existing one.
        options: what is the same for all systems.
        progress: wraps the images of a system.
        say: is told of each system that is not measured again.

    Raises:
        UsageError: if the data.yaml has no such split, or a system is named twice.
        YoloFerError: if the data cannot be used, or no system.
        MissingExtraError: if pycocotools or, for pictures, matplotlib is not installed.
    """
    dataset = read_evaluation_set(data_yaml, split)
    images = _fingerprint(dataset, progress)
    systems, unavailable = load_systems(choices, options)
    figures = []
    for system in systems:
        task = _Task(system, data_yaml, split, images, options)
        own = folder / "systems" / system.folder
        known = task.read(own)
        if known is not None:
            say(f"{system.name}: measured before")
        figures.append(known or task.run(own, progress))
    crops = FaceCrops.collect(dataset)
    timings = time_systems([system.timed for system in systems], crops, options.repeats)
    rows = tuple(map(Row, systems, figures, timings))
    return Comparison(data_yaml, split, images, options, rows, tuple(unavailable))


@dataclass(frozen=True, slots=True)
class _Task:
    """Measuring one system."""

    system: ComparedSystem
    data_yaml: Path
    split: str
    images_sha256: str
    options: CompareOptions

    @property
    def _origin(self) -> Origin:
        known = {"device": self.options.device, "images": self.images_sha256}
        record = self.system.record
        return Origin(record.weights_sha256, options={**record.options, **known})

    def read(self, folder: Path) -> dict[str, Any] | None:
        """Return the figures of an earlier run, None if there are none of the very same thing."""
        name = self.system.measured.name
        wanted = asdict(Provenance.of(name, str(self.data_yaml), self.split, self._origin))
        try:
            figures = read_json(folder / "metrics.json")
            same = {key: figures[key] for key in wanted} == wanted
            same = same and figures["bootstrap"]["resamples"] == self.options.evaluation.resamples
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return dict(figures) if same else None

    def run(self, folder: Path, progress: Progress[Any]) -> dict[str, Any]:
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
            self.options.evaluation,
            out=folder,
            origin=self._origin,
            progress=progress,
        )
        return metrics.to_json()


def _fingerprint(dataset: EvaluationSet, progress: Progress[Any]) -> str:
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
