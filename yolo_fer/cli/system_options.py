"""Options that say which system finds and names the faces, and how; several commands have them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from yolo_fer.cli.completion import detectors, pipelines

Weights: TypeAlias = Annotated[
    str | None,
    typer.Option(
        autocompletion=detectors,
        help="An .onnx or .pt file, an OpenVINO folder, or a name; see weights list.",
    ),
]
Pipeline: TypeAlias = Annotated[
    str | None,
    typer.Option(
        autocompletion=pipelines,
        metavar="FINDER+CLASSIFIER",
        help="A two-stage system in place of --weights.",
    ),
]
InputSize: TypeAlias = Annotated[
    int | None, typer.Option(help="Longer side of the network's input, in pixels.")
]
Conf: TypeAlias = Annotated[
    float | None, typer.Option(help="Least score of a face; else what the weights advise.")
]
MaxFaces: TypeAlias = Annotated[
    int, typer.Option(min=1, help="The most faces of an image; where there are more, it is said.")
]
Device: TypeAlias = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:1.")]
Threads: TypeAlias = Annotated[int | None, typer.Option(help="Threads of the network.")]
TrustWeights: TypeAlias = Annotated[
    bool, typer.Option("--trust-weights", help="Load weights that can run code. Only your own!")
]
