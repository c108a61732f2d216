"""`yolo-fer convert`: raw datasets to YOLO folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.cli.commands import Commands
from yolo_fer.cli.convert_options import (
    Boxes,
    FaceOptions,
    LongSide,
    Out,
    RunOptions,
    Seed,
    TestShare,
    ValShare,
)
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.convert.rules import BoxConvention
from yolo_fer.errors import ExclusiveArgumentsError

app = Commands(help="Turn a raw dataset into a YOLO folder whose every row is accounted for.")


@app.command()
@with_groups
def expw(
    root: Annotated[Path, typer.Argument(help="Folder with label/label.lst and image/origin.")],
    out: Out,
    *,
    min_score: Annotated[
        float, typer.Option(help="Use faces whose ExpW detector score is above this.")
    ] = 50.0,
    faces: FaceOptions,
    val: ValShare = 0.10,
    test: TestShare = 0.15,
    seed: Seed = 0,
    running: RunOptions,
) -> None:
    """Convert ExpW: one row of label.lst is one face, an image may have several."""
    from yolo_fer.convert.expw import ExpwOptions, convert_expw
    from yolo_fer.dataset.splits import SplitShares

    shares = SplitShares(val, test)
    options = ExpwOptions(min_score=min_score, shares=shares, seed=seed, **faces.given())
    running.convert(convert_expw, root, out, options)


@app.command()
@with_groups
def affwild2(
    root: Annotated[
        Path, typer.Argument(help="Folder with the annotations and videos, at any depth.")
    ],
    out: Out,
    *,
    stride: Annotated[int, typer.Option(help="Use every so many frames of a video.")] = 1,
    max_per_video: Annotated[
        int | None, typer.Option(help="Use at most so many frames of a video, spread out.")
    ] = None,
    balance: Annotated[
        bool,
        typer.Option(
            "--balance",
            help="Use as many labels of each emotion as the rarest has, in the training videos.",
        ),
    ] = False,
    faces: FaceOptions,
    test: Annotated[
        float, typer.Option(help="Share of the validation videos that become the test split.")
    ] = 0.5,
    seed: Seed = 0,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="Where found faces are kept for other strides and box conventions, by the "
            "contents of the video; by default in the user's cache folder."
        ),
    ] = None,
    running: RunOptions,
) -> None:
    """Convert Aff-Wild2: a label file per person, a line per frame, boxes from the face finder."""
    from yolo_fer.convert.affwild2.conversion import convert_affwild2
    from yolo_fer.convert.affwild2.detections import default_cache
    from yolo_fer.convert.affwild2.frame_choice import FrameChoice
    from yolo_fer.convert.affwild2.options import Affwild2Options

    options = Affwild2Options(
        frames=FrameChoice(stride, max_per_video, balance),
        test=test,
        seed=seed,
        cache=cache or default_cache(),
        **faces.given(),
    )
    running.convert(convert_affwild2, root, out, options)


@app.command()
@with_groups
def fer2013(
    table: Annotated[
        Path, typer.Argument(help="fer2013.csv, also as .xz, .gz, .bz2 or .zip.", metavar="CSV")
    ],
    out: Out,
    *,
    ferplus: Annotated[
        Path | None,
        typer.Option(help="fer2013new.csv of FER+: the majority of its votes is the label."),
    ] = None,
    boxes: Boxes = BoxConvention.EXPW,
    long_side: LongSide = 416,
    val: ValShare = 0.10,
    seed: Seed = 0,
    running: RunOptions,
) -> None:
    """Convert FER2013: its 48x48 faces are composed into scenes, since crops teach no detector.

    PublicTest and PrivateTest are the test split; validation faces are taken out of Training.
    """
    from yolo_fer.convert.fer2013 import Fer2013Options, convert_fer2013
    from yolo_fer.dataset.splits import SplitShares

    shares = SplitShares(val, test=0.0)
    options = Fer2013Options(
        votes=ferplus, boxes=boxes, long_side=long_side, shares=shares, seed=seed
    )
    running.convert(convert_fer2013, table, out, options)


@app.command()
@with_groups
def rafdb(
    root: Annotated[
        Path, typer.Argument(help="Folder that holds RAF-DB's basic with EmoLabel and Image.")
    ],
    out: Out,
    *,
    faces: FaceOptions,
    long_side: LongSide = 416,
    val: ValShare = 0.10,
    seed: Seed = 0,
    running: RunOptions,
) -> None:
    """Convert RAF-DB: whole photographs where they are there, else aligned faces in scenes.

    RAF-DB's own test faces are the test split; validation faces are taken out of training.
    """
    from yolo_fer.convert.labelled_images import ImageOptions
    from yolo_fer.convert.rafdb import convert_rafdb
    from yolo_fer.dataset.splits import SplitShares

    shares = SplitShares(val, test=0.0)
    options = ImageOptions(long_side=long_side, shares=shares, seed=seed, **faces.given())
    running.convert(convert_rafdb, root, out, options)


@app.command()
@with_groups
def affectnet(
    root: Annotated[
        Path,
        typer.Argument(
            help="Folder with train_set and val_set (2021), training.csv and validation.csv "
            "(2017), or a folder per emotion and perhaps labels.csv."
        ),
    ],
    out: Out,
    *,
    faces: FaceOptions,
    long_side: LongSide = 416,
    val: ValShare = 0.10,
    test: Annotated[
        float, typer.Option(help="Share of the groups for testing, of a copy without splits.")
    ] = 0.15,
    seed: Seed = 0,
    running: RunOptions,
) -> None:
    """Convert AffectNet: whole images with a box, crops in scenes, differing opinions as votes.

    AffectNet's validation faces are the test split, because its test faces were never given out.
    """
    from yolo_fer.convert.affectnet import convert_affectnet
    from yolo_fer.convert.labelled_images import ImageOptions
    from yolo_fer.dataset.splits import SplitShares

    shares = SplitShares(val, test)
    options = ImageOptions(long_side=long_side, shares=shares, seed=seed, **faces.given())
    running.convert(convert_affectnet, root, out, options)


@app.command()
@with_groups
def folders(
    root: Annotated[Path, typer.Argument(help="Folder with one folder per emotion, at any depth.")],
    out: Out,
    *,
    name: Annotated[str, typer.Option(help="Of the dataset, for the manifest.")] = "folders",
    group_by: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="Found in a file's path it names the person, who is then in one split only; for "
            r"example 'S(\d+)_'.",
        ),
    ] = None,
    crops: Annotated[
        bool,
        typer.Option("--crops", help="Every image is a crop of a face."),
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="No image is; without either, each is looked at.")
    ] = False,
    faces: FaceOptions,
    long_side: LongSide = 416,
    val: ValShare = 0.10,
    test: TestShare = 0.15,
    seed: Seed = 0,
    running: RunOptions,
) -> None:
    """Convert a folder per emotion, as CK+, SFEW and many exports have.

    Full images are boxed by the face finder, face crops are composed into scenes. Folders named
    train, val and test keep their images in that split.
    """
    from yolo_fer.convert.folders import FoldersOptions, convert_folders
    from yolo_fer.convert.folders_source import compile_group_by
    from yolo_fer.convert.labelled_face import ImageKind
    from yolo_fer.dataset.splits import SplitShares

    if crops and full:
        raise ExclusiveArgumentsError(
            "--crops and --full contradict each other; give one of them, or none", "crops", "full"
        )
    options = FoldersOptions(
        name=name,
        group_by=None if group_by is None else compile_group_by(group_by),
        kind=ImageKind.CROPS if crops else ImageKind.FULL if full else ImageKind.AUTO,
        long_side=long_side,
        shares=SplitShares(val, test),
        seed=seed,
        **faces.given(),
    )
    running.convert(convert_folders, root, out, options)
