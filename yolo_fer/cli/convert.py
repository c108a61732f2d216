"""`yolo-fer convert`: raw datasets to YOLO folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.cli import convert_images
from yolo_fer.cli.convert_options import (
    Boxes,
    Device,
    FaceScore,
    Finder,
    LongSide,
    Out,
    Overwrite,
    Resume,
    Seed,
    Strict,
    TestShare,
    UnlabelledFaces,
    ValShare,
    Workers,
)
from yolo_fer.cli.convert_report import run
from yolo_fer.convert.rules import BoxConvention, Unlabelled

app = typer.Typer(
    help="Turn a raw dataset into a YOLO folder whose every row is accounted for.",
    no_args_is_help=True,
)


@app.command("expw")
def convert_expw(
    root: Annotated[Path, typer.Argument(help="Folder with label/label.lst and image/origin.")],
    out: Out,
    min_score: Annotated[
        float, typer.Option(help="Use faces whose ExpW detector score is above this.")
    ] = 50.0,
    unlabelled: UnlabelledFaces = Unlabelled.MASK,
    boxes: Boxes = BoxConvention.EXPW,
    finder: Finder = "retinaface",
    face_score: FaceScore = 0.5,
    device: Device = "cpu",
    val: ValShare = 0.10,
    test: TestShare = 0.15,
    seed: Seed = 0,
    workers: Workers = 0,
    resume: Resume = False,
    overwrite: Overwrite = False,
    strict: Strict = False,
) -> None:
    """Convert ExpW: one row of label.lst is one face, an image may have several."""
    from yolo_fer.convert.expw import ExpwOptions
    from yolo_fer.convert.expw import convert_expw as convert
    from yolo_fer.convert.scan import FinderChoice
    from yolo_fer.dataset.splits import SplitShares

    options = ExpwOptions(
        min_score=min_score,
        unlabelled=unlabelled,
        boxes=boxes,
        finder=FinderChoice(finder, device, face_score),
        shares=SplitShares(val, test),
        seed=seed,
    )
    run(
        convert,
        root,
        out,
        options,
        workers=workers,
        strict=strict,
        resume=resume,
        overwrite=overwrite,
    )


@app.command("affwild2")
def convert_affwild2(
    root: Annotated[
        Path, typer.Argument(help="Folder with the annotations and videos, at any depth.")
    ],
    out: Out,
    stride: Annotated[int, typer.Option(min=1, help="Use every so many frames of a video.")] = 1,
    max_per_video: Annotated[
        int | None, typer.Option(min=1, help="Use at most so many frames of a video, spread out.")
    ] = None,
    balance: Annotated[
        bool,
        typer.Option(
            "--balance",
            help="Use as many labels of each emotion as the rarest has, in the training videos.",
        ),
    ] = False,
    unlabelled: UnlabelledFaces = Unlabelled.MASK,
    boxes: Boxes = BoxConvention.EXPW,
    finder: Finder = "retinaface",
    face_score: FaceScore = 0.5,
    device: Device = "cpu",
    test: Annotated[
        float, typer.Option(help="Share of the validation videos that become the test split.")
    ] = 0.5,
    seed: Seed = 0,
    workers: Workers = 0,
    dask: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler whose workers see the same folders."),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="Where found faces are kept for other strides and box conventions, by the "
            "contents of the video; by default in the user's cache folder."
        ),
    ] = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    strict: Strict = False,
) -> None:
    """Convert Aff-Wild2: a label file per person, a line per frame, boxes from the face finder."""
    from yolo_fer.convert.affwild2.conversion import convert_affwild2 as convert
    from yolo_fer.convert.affwild2.frame_choice import FrameChoice
    from yolo_fer.convert.affwild2.options import Affwild2Options
    from yolo_fer.convert.scan import FinderChoice

    options = Affwild2Options(
        frames=FrameChoice(stride, max_per_video, balance),
        unlabelled=unlabelled,
        boxes=boxes,
        finder=FinderChoice(finder, device, face_score),
        test=test,
        seed=seed,
    )
    run(
        convert,
        root,
        out,
        options,
        workers=workers,
        strict=strict,
        dask=dask,
        cache=cache,
        resume=resume,
        overwrite=overwrite,
    )


@app.command("fer2013")
def convert_fer2013(
    table: Annotated[
        Path, typer.Argument(help="fer2013.csv, also as .xz, .gz, .bz2 or .zip.", metavar="CSV")
    ],
    out: Out,
    ferplus: Annotated[
        Path | None,
        typer.Option(help="fer2013new.csv of FER+: the majority of its votes is the label."),
    ] = None,
    boxes: Boxes = BoxConvention.EXPW,
    long_side: LongSide = 416,
    val: ValShare = 0.10,
    seed: Seed = 0,
    workers: Workers = 0,
    resume: Resume = False,
    overwrite: Overwrite = False,
    strict: Strict = False,
) -> None:
    """Convert FER2013: its 48x48 faces are composed into scenes, since crops teach no detector.

    PublicTest and PrivateTest are the test split; validation faces are taken out of Training.
    """
    from yolo_fer.convert.fer2013 import Fer2013Options
    from yolo_fer.convert.fer2013 import convert_fer2013 as convert
    from yolo_fer.dataset.splits import SplitShares

    run(
        convert,
        table,
        out,
        Fer2013Options(SplitShares(val, test=0.0), boxes, long_side, seed),
        workers=workers,
        strict=strict,
        votes=ferplus,
        resume=resume,
        overwrite=overwrite,
    )


app.command("rafdb")(convert_images.convert_rafdb)
app.command("affectnet")(convert_images.convert_affectnet)
app.command("folders")(convert_images.convert_folders)
