"""What commands share that train or measure on a set: its folder, and how it is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import typer

if TYPE_CHECKING:
    from yolo_fer.evaluate.options import EvaluationOptions

Data: TypeAlias = Annotated[
    Path, typer.Argument(help="Folder of a set, converted or a plain YOLO one; or its .yaml.")
]
Split: TypeAlias = Annotated[str, typer.Option(help="train, val or test.")]

Ferplus: TypeAlias = Annotated[
    Path | None,
    typer.Option(help="fer2013new.csv of FER+: its votes replace FER2013's labels."),
]


@dataclass(frozen=True)
class EvaluationFlags:
    """How a predictor is measured."""

    PANEL: ClassVar[str] = "Evaluation"

    batch: Annotated[int, typer.Option(min=1, help="Images that are decoded together.")] = 16
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Resamples of the 95 % intervals; 0 for no intervals.")
    ] = 1000
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no pictures.")] = False

    def options(
        self, columns: tuple[str, ...] = (), threshold: float | None = None
    ) -> EvaluationOptions:
        """Return what the library takes, with what only one command asks for."""
        from yolo_fer.evaluate.options import EvaluationOptions

        return EvaluationOptions(
            self.batch, self.bootstrap, columns, threshold, plots=not self.no_plots
        )
