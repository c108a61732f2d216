"""Options that several commands of `yolo-fer convert`, `merge` and `check` have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar

import typer

from yolo_fer.cli.console import progress
from yolo_fer.cli.convert_report import finish
from yolo_fer.convert.rules import BoxConvention, Unlabelled

if TYPE_CHECKING:
    from yolo_fer.convert.options import Run
    from yolo_fer.runtime.executor import Compute

Options = TypeVar("Options")

Out: TypeAlias = Annotated[Path, typer.Option(help="Folder to write; it must be new or empty.")]
Boxes: TypeAlias = Annotated[BoxConvention, typer.Option(help="Whose box convention the set has.")]
ValShare: TypeAlias = Annotated[float, typer.Option(help="Share of the groups for validation.")]
TestShare: TypeAlias = Annotated[float, typer.Option(help="Share of the groups for testing.")]
Seed: TypeAlias = Annotated[int, typer.Option(help="Of the split.")]
LongSide: TypeAlias = Annotated[
    int, typer.Option(help="Longer side of a composed scene, in pixels; at least 160.")
]


@dataclass(frozen=True)
class FaceOptions:
    """What is done with the faces of photographs, and who finds them."""

    PANEL: ClassVar[str] = "Faces"

    unlabelled: Annotated[
        Unlabelled,
        typer.Option(
            help="Unlabelled faces: mask paints them over in the train and val copies "
            "and ignores them in evaluation; ignore only ignores them; keep does not look for "
            "them; drop leaves out images that have any."
        ),
    ] = Unlabelled.MASK
    boxes: Boxes = BoxConvention.EXPW
    finder: Annotated[str, typer.Option(help="retinaface or retinaface-resnet50.")] = "retinaface"
    face_score: Annotated[float, typer.Option(help="Least score of a found face, 0 to 1.")] = 0.5
    device: Annotated[str, typer.Option(help="Of the face finder: cpu, cuda, cuda:1, auto.")] = (
        "cpu"
    )

    def given(self) -> dict[str, Any]:
        """Return the arguments of `PhotographOptions`."""
        from yolo_fer.convert.scan import FinderChoice

        finder = FinderChoice(self.finder, self.device, self.face_score)
        return {"unlabelled": self.unlabelled, "boxes": self.boxes, "finder": finder}


@dataclass(frozen=True)
class ComputeOptions:
    """Where the work is done."""

    PANEL: ClassVar[str] = "Where the work is done"

    workers: Annotated[int, typer.Option(help="Processes; 0 takes one per core.")] = 0
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Use the workers of this Dask scheduler, which see the same folders.",
        ),
    ] = None

    def compute(self) -> Compute:
        """Return what the library takes."""
        from yolo_fer.runtime.executor import Compute

        return Compute(self.workers, self.dask, progress)


@dataclass(frozen=True)
class RunOptions(ComputeOptions):
    """How a set is written."""

    PANEL: ClassVar[str] = "How the set is written"

    resume: Annotated[bool, typer.Option("--resume", help="Go on after a kill.")] = False
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what an earlier run wrote in --out.")
    ] = False
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 1 if any row or image was bad.")
    ] = False

    def run(self) -> Run:
        """Return what the library takes."""
        from yolo_fer.convert.options import Run

        return Run(self.workers, self.dask, progress, resume=self.resume, overwrite=self.overwrite)

    def convert(
        self,
        convert: Callable[[Path, Path, Options, Run], dict[str, Any] | None],
        root: Path,
        out: Path,
        options: Options,
    ) -> None:
        """Run a conversion and print its ledger.

        Raises:
            YoloFerError: as the conversion does, or if rows were bad and `--strict` forbids that.
        """
        finish(out, convert(root, out, options, self.run()), strict=self.strict)
