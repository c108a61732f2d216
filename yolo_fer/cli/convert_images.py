"""`yolo-fer convert rafdb`, `affectnet` and `folders`: one labelled face in each image."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
from yolo_fer.errors import UsageError


def convert_rafdb(
    root: Annotated[
        Path, typer.Argument(help="Folder that holds RAF-DB's basic with EmoLabel and Image.")
    ],
    out: Out,
    unlabelled: UnlabelledFaces = Unlabelled.MASK,
    boxes: Boxes = BoxConvention.EXPW,
    finder: Finder = "retinaface",
    face_score: FaceScore = 0.5,
    device: Device = "cpu",
    long_side: LongSide = 416,
    val: ValShare = 0.10,
    seed: Seed = 0,
    workers: Workers = 0,
    resume: Resume = False,
    overwrite: Overwrite = False,
    strict: Strict = False,
) -> None:
    """Convert RAF-DB: whole photographs where they are there, else aligned faces in scenes.

    RAF-DB's own test faces are the test split; validation faces are taken out of training.
    """
    from yolo_fer.convert.labelled_images import ImageOptions
    from yolo_fer.convert.rafdb import convert_rafdb as convert
    from yolo_fer.convert.scan import FinderChoice
    from yolo_fer.dataset.splits import SplitShares

    options = ImageOptions(
        unlabelled=unlabelled,
        boxes=boxes,
        finder=FinderChoice(finder, device, face_score, margin=True),
        shares=SplitShares(val, test=0.0),
        long_side=long_side,
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


def convert_affectnet(
    root: Annotated[
        Path,
        typer.Argument(
            help="Folder with train_set and val_set (2021), training.csv and validation.csv "
            "(2017), or a folder per emotion and perhaps labels.csv."
        ),
    ],
    out: Out,
    unlabelled: UnlabelledFaces = Unlabelled.MASK,
    boxes: Boxes = BoxConvention.EXPW,
    finder: Finder = "retinaface",
    face_score: FaceScore = 0.5,
    device: Device = "cpu",
    long_side: LongSide = 416,
    val: ValShare = 0.10,
    test: Annotated[
        float, typer.Option(help="Share of the groups for testing, of a copy without splits.")
    ] = 0.15,
    seed: Seed = 0,
    workers: Workers = 0,
    resume: Resume = False,
    overwrite: Overwrite = False,
    strict: Strict = False,
) -> None:
    """Convert AffectNet: whole images with a box, crops in scenes, differing opinions as votes.

    AffectNet's validation faces are the test split, because its test faces were never given out.
    """
    from yolo_fer.convert.affectnet import convert_affectnet as convert
    from yolo_fer.convert.labelled_images import ImageOptions
    from yolo_fer.convert.scan import FinderChoice
    from yolo_fer.dataset.splits import SplitShares

    options = ImageOptions(
        unlabelled=unlabelled,
        boxes=boxes,
        finder=FinderChoice(finder, device, face_score, margin=True),
        shares=SplitShares(val, test),
        long_side=long_side,
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


def convert_folders(
    root: Annotated[Path, typer.Argument(help="Folder with one folder per emotion, at any depth.")],
    out: Out,
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
    unlabelled: UnlabelledFaces = Unlabelled.MASK,
    boxes: Boxes = BoxConvention.EXPW,
    finder: Finder = "retinaface",
    face_score: FaceScore = 0.5,
    device: Device = "cpu",
    long_side: LongSide = 416,
    val: ValShare = 0.10,
    test: TestShare = 0.15,
    seed: Seed = 0,
    workers: Workers = 0,
    resume: Resume = False,
    overwrite: Overwrite = False,
    strict: Strict = False,
) -> None:
    """Convert a folder per emotion, as CK+, SFEW and many exports have.

    Full images are boxed by the face finder, face crops are composed into scenes. Folders named
    train, val and test keep their images in that split.
    """
    from yolo_fer.convert.folders import FoldersOptions
    from yolo_fer.convert.folders import convert_folders as convert
    from yolo_fer.convert.folders_source import compile_group_by
    from yolo_fer.convert.labelled_face import Kind
    from yolo_fer.convert.scan import FinderChoice
    from yolo_fer.dataset.splits import SplitShares

    if crops and full:
        raise UsageError("--crops and --full contradict each other; give one of them, or none")
    options = FoldersOptions(
        name=name,
        group_by=None if group_by is None else compile_group_by(group_by),
        kind=Kind.CROPS if crops else Kind.FULL if full else Kind.AUTO,
        unlabelled=unlabelled,
        boxes=boxes,
        finder=FinderChoice(finder, device, face_score, margin=True),
        shares=SplitShares(val, test),
        long_side=long_side,
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
