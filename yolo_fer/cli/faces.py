"""`yolo-fer faces`: how many faces each face finder finds, and how exactly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from yolo_fer.cli.completion import finders
from yolo_fer.cli.console import print_warning, progress
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.cli.report_options import ReportFlags
from yolo_fer.errors import UsageError, YoloFerError

if TYPE_CHECKING:
    from yolo_fer.evaluate.finder_shares import FinderShares
    from yolo_fer.faces import FaceFinder


@dataclass(frozen=True)
class FinderFlags:
    """Which face finders are measured, and what each of them is asked for."""

    PANEL: ClassVar[str] = "Face finders"

    finder: Annotated[
        list[str] | None,
        typer.Option(
            autocompletion=finders,
            help="A face finder, or a detector: its weights or their name, as in --weights of "
            "predict. Give it several times to compare several.",
            show_default="all finders whose weights are here",
        ),
    ] = None
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, show_default="each finder's own", help="Least score of a face."),
    ] = None
    imgsz: Annotated[
        int | None,
        typer.Option(
            min=32,
            show_default="each finder's own",
            help="Longer side of what they see; MTCNN, Haar and the ResNet-50 choose themselves.",
        ),
    ] = None
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N.")] = "cpu"
    threads: Annotated[
        int | None, typer.Option(min=1, show_default="all", help="Of each finder.")
    ] = None
    trust_weights: Annotated[
        bool,
        typer.Option("--trust-weights", help="Load a .pt that could run code. Only your own!"),
    ] = False

    def load(self) -> list[FaceFinder]:
        """Load the wanted finders; where none is named, all that can be loaded.

        Raises:
            UsageError: if a name is unknown, or an option is not possible with a finder.
            YoloFerError: if the weights of a wanted one cannot be used.
        """
        from yolo_fer.faces import FINDERS

        if self.finder:
            return [self._load(name) for name in dict.fromkeys(self.finder)]
        loaded = []
        for name in FINDERS:
            try:
                loaded.append(self._load(name))
            except UsageError:
                raise
            except YoloFerError as error:
                print_warning(f"{name} is left out: {error}")
        return loaded

    def _load(self, name: str) -> FaceFinder:
        """Load a finder by its name, or a detector by its weights."""
        from yolo_fer.evaluate.detector_finder import DetectorFinder
        from yolo_fer.faces import FINDERS, load_finder
        from yolo_fer.weights.store import get_entry

        shared: dict[str, Any] = {
            "device": self.device,
            "threads": self.threads,
            "threshold": self.threshold,
        }
        if name in FINDERS:
            return load_finder(name, long_side=self.imgsz, **shared)
        if not Path(name).exists():
            try:
                get_entry(name)
            except YoloFerError as error:
                raise UsageError(
                    f"unknown face finder '{name}'. Known are {', '.join(FINDERS)}; a detector is "
                    "named by its weights, a file or a name of `yolo-fer weights list`"
                ) from error
        return DetectorFinder(name, imgsz=self.imgsz, trust_weights=self.trust_weights, **shared)


@with_groups
def faces(
    folder: Annotated[
        Path, typer.Argument(help="Folder with label.txt ('# name', then 'x y w h') and images/.")
    ],
    *,
    wanted: FinderFlags,
    report: ReportFlags,
    limit: Annotated[
        int | None, typer.Option(min=1, show_default="all", help="Only the first so many images.")
    ] = None,
) -> None:
    """Measure face finders: the share of true faces found at IoU 0.50, 0.75 and 0.85.

    Once on the images that have exactly one face, as Hinson and Austin report it, and once on all.
    Images that were resized while their labels were not are refused. A detector's boxes are made as
    tight as WIDER FACE's if its weights say that they learned ExpW's.
    """
    from yolo_fer.evaluate.finder_shares import measure_found
    from yolo_fer.evaluate.wider_face import is_resized, read_wider

    report.check(folder)
    loaded = wanted.load()
    labelled = list(read_wider(folder))[:limit]
    if is_resized(labelled):
        raise YoloFerError(
            f"the labels of {folder} are about larger images than it has: its images were resized "
            "and its labels were not. Take the original images, or restore their size, in a clone "
            f"of the repository: python -m tools.restore_wider_face {folder} --out DIR"
        )
    found = measure_found(loaded, labelled, progress)
    _print(folder, found)
    report.write({"data": str(folder), **found.to_json()})


def _print(folder: Path, found: FinderShares) -> None:
    from rich.console import Console

    from yolo_fer.evaluate.finder_shares import IOUS
    from yolo_fer.evaluate.text_table import text_table

    figures = ("on", "images", "faces", "boxes", *(f"{iou:.2f}" for iou in IOUS), "ms")
    table = text_table(f"Faces of {folder} that are found, by IoU", "finder", figures)
    for share in found.shares:
        table.add_row(
            share.finder,
            share.images,
            *(f"{count:,}" for count in (share.image_count, share.faces, share.boxes)),
            *(f"{share.share(i):.1%}" if share.faces else "-" for i in range(len(IOUS))),
            f"{share.milliseconds:.0f}",
        )
    Console().print(table)
    for reason, count in found.skipped.items():
        print_warning(f"left out: {count} x {reason}")
    if found.faces_left_out:
        print_warning(f"{found.faces_left_out} true faces are on images that were left out")
