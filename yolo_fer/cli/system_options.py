"""Options that say which system finds and names the faces, and how; several commands have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from yolo_fer.cli.completion import detectors, pipelines

if TYPE_CHECKING:
    from yolo_fer.detector import Detector
    from yolo_fer.two_stage.load import SystemOptions

Weights: TypeAlias = Annotated[
    str | None,
    typer.Option(
        autocompletion=detectors,
        show_default="the shipped detector",
        help="An .onnx or .pt file, an OpenVINO folder, or a name; see weights list.",
    ),
]
InputSize: TypeAlias = Annotated[
    int | None, typer.Option(help="Longer side of the network's input, in pixels.")
]
Conf: TypeAlias = Annotated[
    float | None, typer.Option(help="Least score of a face; else what the weights advise.")
]
Device: TypeAlias = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:1.")]
Threads: TypeAlias = Annotated[int | None, typer.Option(help="Threads of the network.")]
TrustWeights: TypeAlias = Annotated[
    bool, typer.Option("--trust-weights", help="Load weights that can run code. Only your own!")
]


@dataclass(frozen=True)
class DetectorFlags:
    """Which detector finds and names the faces, and how."""

    weights: Weights = None
    conf: Conf = None
    device: Device = "auto"
    threads: Threads = None
    trust_weights: TrustWeights = False

    def load(self, imgsz: int | None = None) -> Detector:
        """Load the detector, for inputs of a longer side."""
        from yolo_fer.detector import Detector

        return Detector(
            self.weights or None,
            imgsz=imgsz,
            conf=self.conf,
            device=self.device,
            threads=self.threads,
            trust_weights=self.trust_weights,
        )


@dataclass(frozen=True)
class SystemFlags:
    """Which detector or two-stage system finds and names the faces, and how."""

    weights: Weights = None
    pipeline: Annotated[
        str | None,
        typer.Option(
            autocompletion=pipelines,
            metavar="FINDER+CLASSIFIER",
            help="A two-stage system in place of --weights.",
        ),
    ] = None
    imgsz: InputSize = None
    conf: Conf = None
    iou: Annotated[
        float | None,
        typer.Option(show_default="0.5", help="Boxes that overlap more are one face."),
    ] = None
    max_faces: Annotated[
        int,
        typer.Option(min=1, help="The most faces of an image; where there are more, it is said."),
    ] = 300
    device: Device = "auto"
    trust_weights: TrustWeights = False

    def options(self, threads: int | None = None) -> SystemOptions:
        """Return what the library takes.

        Raises:
            UsageError: if both a detector and a two-stage system are given.
        """
        from yolo_fer.two_stage.load import Choice, SystemOptions

        choice = Choice(self.weights, self.pipeline)
        found = (self.imgsz, self.conf, self.iou, self.max_faces)
        return SystemOptions(choice, *found, self.device, threads, self.trust_weights)
