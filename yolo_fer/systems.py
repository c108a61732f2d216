"""A detector or a two-stage system, as the command line names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yolo_fer.detector import Detector
from yolo_fer.detector.face_network import IOU
from yolo_fer.detector.loading import runs_on_gpu
from yolo_fer.errors import ExclusiveArgumentsError, UnusedArgumentError
from yolo_fer.results import MAX_FACES
from yolo_fer.runtime.onnx_runtime import is_gpu
from yolo_fer.two_stage.pipeline import load_pipeline
from yolo_fer.two_stage.system import FaceSystem, Part
from yolo_fer.weights.store import default_detector, resolve

_DETECTOR_CURVE, _FINDER_CURVE = 0.001, 0.01


@dataclass(frozen=True, slots=True)
class Choice:
    """What a user wants faces to be found and named with; nothing is the default detector.

    Args:
        weights: the weights of a detector: a path or a name.
        pipeline: FINDER+CLASSIFIER.

    Raises:
        UsageError: if both are given.
    """

    weights: str | None = None
    pipeline: str | None = None

    def __post_init__(self) -> None:
        if self.weights is not None and self.pipeline is not None:
            raise ExclusiveArgumentsError(
                "give `weights` for a detector or `pipeline`, not both", "weights", "pipeline"
            )

    @property
    def curve_conf(self) -> float:
        """The least score of a face with which the whole precision-recall curve is measured.

        A face finder has its limit higher than a detector: below it hundreds of boxes would have to
        be classified in every image, and none of them is a face.
        """
        return _DETECTOR_CURVE if self.pipeline is None else _FINDER_CURVE

    @property
    def argument(self) -> tuple[str, str] | None:
        """The name and the value of the argument that chooses it; None for the shipped detector."""
        if self.pipeline is not None:
            return "pipeline", self.pipeline
        return None if self.weights is None else ("weights", self.weights)


@dataclass(frozen=True, slots=True)
class Record:
    """What figures of a system have to name.

    Args:
        networks: the name, the hash and the size of each, in the order of their use.
        weights_sha256: the hash of a detector's weights; None for a two-stage system, whose
            networks are named in `options`.
        options: what decides which faces it finds.
    """

    networks: tuple[Part, ...]
    weights_sha256: str | None
    options: Mapping[str, Any]

    @property
    def weights_bytes(self) -> int:
        """The size of all its networks together, in bytes."""
        return sum(network.weights_bytes for network in self.networks)


@dataclass(frozen=True, slots=True)
class SystemOptions:
    """What decides which faces are found in an image; small enough to travel to a worker.

    Args:
        choice: the choice of the system.
        imgsz: longer side in pixels of what the detector or the face finder sees; None is its own.
        conf: the least score of a face; None is its own.
        iou: boxes of a detector that overlap more are one face; None is `IOU`.
        max_faces: the most faces of one image, the best.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        threads: the number of threads of each network; None lets the runtime choose.
        trust_weights: load a detector's weights that can run code.
        batch: the most images that a graphics card runs at once; None is a detector's own. A CPU,
            where more are no faster, and a two-stage system run one.
    """

    choice: Choice = field(default_factory=Choice)
    imgsz: int | None = None
    conf: float | None = None
    iou: float | None = None
    max_faces: int = MAX_FACES
    device: str = "auto"
    threads: int | None = None
    trust_weights: bool = False
    batch: int | None = None

    @property
    def is_on_gpu(self) -> bool:
        """Whether the system runs on a GPU here; it is not loaded, and may not be usable."""
        weights = self.choice.weights
        return is_gpu(self.device) if weights is None else runs_on_gpu(Path(weights), self.device)

    def load(self) -> Detector | FaceSystem:
        """Load the system.

        Raises:
            UsageError: if an option is not possible with this system.
            MissingExtraError: if it needs a package that is not installed.
            YoloFerError: if weights are missing or cannot be used.
        """
        if self.choice.pipeline is None:
            return Detector(
                self.choice.weights or None,
                imgsz=self.imgsz,
                conf=self.conf,
                iou=IOU if self.iou is None else self.iou,
                device=self.device,
                threads=self.threads,
                trust_weights=self.trust_weights,
                max_faces=self.max_faces,
                batch=self.batch if self.is_on_gpu else None,
            )
        if self.iou is not None:
            raise UnusedArgumentError(
                "`iou` is for `weights`: a face finder has a limit of its own", "iou"
            )
        if self.trust_weights:
            raise UnusedArgumentError(
                "`trust_weights` is for `weights`: no part of a pipeline can run code",
                "trust_weights",
            )
        return load_pipeline(
            self.choice.pipeline,
            imgsz=self.imgsz,
            conf=self.conf,
            device=self.device,
            threads=self.threads,
            max_faces=self.max_faces,
        )


def describe(choice: Choice, system: Detector | FaceSystem) -> Record:
    """Hash and measure the weights of a loaded system and tell its options."""
    from yolo_fer.weights.hashes import hash_weights, size_of_weights

    options = {"imgsz": system.imgsz, "conf": system.conf, "max_faces": system.max_faces}
    if isinstance(system, FaceSystem):
        # numbered, because every training of a classifier writes a best.onnx
        hashes = {
            f"sha256 of {number}, {part.name}": part.weights_sha256
            for number, part in enumerate(system.parts, start=1)
        }
        return Record(system.parts, None, {**options, **hashes})
    path = resolve(choice.weights) if choice.weights is not None else default_detector()
    network = Part(path.name, hash_weights(path), size_of_weights(path))
    return Record((network,), network.weights_sha256, {**options, "iou": system.iou})
