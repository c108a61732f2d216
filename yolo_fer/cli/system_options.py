"""Options that say which system finds and names the faces, and how; several commands have them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import typer

from yolo_fer.cli.completion import detectors, pipelines

if TYPE_CHECKING:
    from yolo_fer.systems import SystemOptions

InputSize: TypeAlias = Annotated[
    int | None, typer.Option(help="Longer side of the network's input, in pixels.")
]
TrustWeights: TypeAlias = Annotated[
    bool, typer.Option("--trust-weights", help="Load weights that can run code. Only your own!")
]


@dataclass(frozen=True)
class DetectorFlags:
    """Which detector finds and names the faces, and how; each is a field of `SystemOptions`."""

    PANEL: ClassVar[str] = "Detector"

    weights: Annotated[
        str | None,
        typer.Option(
            autocompletion=detectors,
            show_default="the shipped detector",
            help="An .onnx or .pt file, an OpenVINO folder, or a name; see weights list.",
        ),
    ] = None
    conf: Annotated[
        float | None,
        typer.Option(show_default="what the weights advise", help="Least score of a face."),
    ] = None
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:1.")] = "auto"
    threads: Annotated[int | None, typer.Option(help="Threads of the network.")] = None
    trust_weights: TrustWeights = False

    def options(self) -> SystemOptions:
        """Return what the library takes.

        Raises:
            UsageError: if both a detector and a two-stage system are given.
        """
        from yolo_fer.systems import Choice, SystemOptions

        values = {field.name: getattr(self, field.name) for field in fields(self)}
        choice = Choice(values.pop("weights"), values.pop("pipeline", None))
        return SystemOptions(choice, **values)


@dataclass(frozen=True)
class SystemFlags(DetectorFlags):
    """Which detector or two-stage system finds and names the faces, and how."""

    PANEL: ClassVar[str] = "Detector or two-stage system"

    pipeline: Annotated[
        str | None,
        typer.Option(
            autocompletion=pipelines,
            metavar="FINDER+CLASSIFIER",
            help="A two-stage system in place of --weights.",
        ),
    ] = None
    imgsz: InputSize = None
    iou: Annotated[
        float | None,
        typer.Option(show_default="0.5", help="Boxes that overlap more are one face."),
    ] = None
    max_faces: Annotated[
        int,
        typer.Option(min=1, help="The most faces of an image; a warning says if there are more."),
    ] = 300
