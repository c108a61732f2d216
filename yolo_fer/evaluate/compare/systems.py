"""Which systems are compared, and loading those that can be."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from yolo_fer.detector import Detector
from yolo_fer.errors import MissingWeightsError, UsageError, YoloFerError
from yolo_fer.evaluate.options import EvaluationOptions
from yolo_fer.faces import DEFAULT_FINDER
from yolo_fer.systems import Choice, Record, SystemOptions, describe
from yolo_fer.two_stage.pipeline import MTCNN_FER, fetched_classifiers, shipped_classifiers
from yolo_fer.two_stage.system import SEPARATOR, FaceSystem
from yolo_fer.weights import store as weights
from yolo_fer.weights.entry import Kind
from yolo_fer.weights.shipped import shipped_entries

# RetinaFace's ResNet-50 needs a second for an image: it is compared when somebody asks for it.
_DEFAULT_FINDERS = ("retinaface", "mtcnn", "haar", "yunet")


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """What is the same for all systems.

    Args:
        imgsz: longer side, in pixels, of what a detector or a face finder sees.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        threads: the number of threads of each network while it is timed.
        trust_weights: load a detector's .pt that can run code.
        evaluation: how each is measured; at the threshold that it advises.
        repeats: rounds of the timing that count.
    """

    imgsz: int = 320
    device: str = "cpu"
    threads: int = 1
    trust_weights: bool = False
    evaluation: EvaluationOptions = field(default_factory=EvaluationOptions)
    repeats: int = 7


@dataclass(frozen=True, slots=True)
class ComparedSystem:
    """A system that could be loaded.

    Args:
        name: in tables; no two have the same.
        choice: what it was loaded by.
        measured: the system with a threshold so low that its whole precision-recall curve is there.
        timed: the same as `predict` runs it.
        record: its weights and options.
    """

    name: str
    choice: Choice
    measured: Detector | FaceSystem
    timed: Detector | FaceSystem
    record: Record

    @property
    def folder(self) -> str:
        """A name for its folder, which every file system takes; no two systems have the same."""
        plain = re.sub(r"[^\w.+-]+", "_", self.name).strip("._")
        if plain == self.name:
            return plain
        return f"{plain}-{hashlib.sha256(self.name.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class UnavailableSystem:
    """A system that cannot be compared.

    Args:
        name: in tables.
        choice: what it was to be loaded by.
        reason: why not, and what to do.
        missing: the names of the weights that would have to be fetched.
    """

    name: str
    choice: Choice
    reason: str
    missing: tuple[str, ...] = ()


def about_missing(unavailable: Sequence[UnavailableSystem]) -> str | None:
    """Return one line about all systems whose weights have not been fetched, None for none."""
    systems = [system.name for system in unavailable if system.missing]
    names = dict.fromkeys(name for system in unavailable for name in system.missing)
    if not systems:
        return None
    gets = f"yolo-fer weights get {' '.join(names)}"
    return f"{', '.join(systems)}: their weights are not here. Fetch them with: {gets}"


def default_choices() -> list[Choice]:
    """Return what can be compared without a file of one's own.

    Every shipped detector, every face finder with every shipped classifier, RetinaFace with the
    classifiers of others that have been fetched, and MTCNN with an expression head if that is
    shipped.
    """
    detectors = [
        Choice(weights=entry.file)
        for entry in shipped_entries()
        if entry.kind is Kind.DETECTOR and entry.file.endswith(".onnx")
    ]
    pipelines = [
        Choice(pipeline=f"{finder}{SEPARATOR}{classifier}")
        for classifier in shipped_classifiers()
        for finder in _DEFAULT_FINDERS
    ]
    pipelines += [
        Choice(pipeline=f"{DEFAULT_FINDER}{SEPARATOR}{name}")
        for name in fetched_classifiers()
        if weights.inspect(weights.get_entry(name)).state is weights.State.OK
    ]
    heads = [entry for entry in shipped_entries() if entry.file == f"{MTCNN_FER}.onnx"]
    return [*detectors, *pipelines, *(Choice(pipeline=MTCNN_FER) for _ in heads)]


def load_systems(
    choices: Sequence[Choice], options: CompareOptions
) -> tuple[list[ComparedSystem], list[UnavailableSystem]]:
    """Load the systems; one that cannot be is set aside with the reason.

    Raises:
        UsageError: if the same system is named twice.
        YoloFerError: if none can be loaded.
    """
    systems: list[ComparedSystem] = []
    unavailable: list[UnavailableSystem] = []
    for name, choice in _named(choices).items():
        try:
            systems.append(_load(name, choice, options))
        except YoloFerError as error:
            missing = error.names if isinstance(error, MissingWeightsError) else ()
            unavailable.append(UnavailableSystem(name, choice, str(error), missing))
    if not systems:
        reasons = "; ".join(f"{a.name}: {a.reason}" for a in unavailable) or "none is named"
        raise YoloFerError(f"no system can be loaded. {reasons}")
    return systems, unavailable


def _load(name: str, choice: Choice, options: CompareOptions) -> ComparedSystem:
    timed = SystemOptions(
        choice,
        imgsz=options.imgsz,
        device=options.device,
        threads=options.threads,
        trust_weights=options.trust_weights and choice.pipeline is None,
    )
    measured = replace(timed, conf=choice.curve_conf, threads=None).load()
    return ComparedSystem(name, choice, measured, timed.load(), describe(choice, measured))


def _named(choices: Sequence[Choice]) -> dict[str, Choice]:
    """Name each system as short as leaves it different from the others."""
    short = [_short_name(choice) for choice in choices]
    times = Counter(name.casefold() for name in short)  # a folder's name may not tell case apart
    named: dict[str, Choice] = {}
    for name, choice in zip(short, choices, strict=True):
        argument, value = choice.argument or ("weights", name)
        unique = name if times[name.casefold()] == 1 else value
        if unique in named:
            raise UsageError(f"`{argument}={value}` is named twice")
        named[unique] = choice
    return named


def _short_name(choice: Choice) -> str:
    if choice.pipeline is not None:
        return SEPARATOR.join(Path(part).stem for part in choice.pipeline.split(SEPARATOR))
    return Path(str(choice.weights)).name
