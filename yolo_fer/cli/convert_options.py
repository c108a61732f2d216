"""Options that several commands of `yolo-fer convert` have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from yolo_fer.convert.rules import BoxConvention, Unlabelled

Out: TypeAlias = Annotated[Path, typer.Option(help="Folder to write; it must be new or empty.")]
UnlabelledFaces: TypeAlias = Annotated[
    Unlabelled,
    typer.Option(
        help="Unlabelled faces: mask paints them over in the train and val copies "
        "and ignores them in evaluation; ignore only ignores them; keep does not look for "
        "them; drop leaves out images that have any."
    ),
]
Boxes: TypeAlias = Annotated[BoxConvention, typer.Option(help="Whose box convention the set has.")]
Finder: TypeAlias = Annotated[str, typer.Option(help="retinaface or retinaface-resnet50.")]
FaceScore: TypeAlias = Annotated[
    float, typer.Option(min=0, max=1, help="Least score of a found face.")
]
Device: TypeAlias = Annotated[
    str, typer.Option(help="Of the face finder: cpu, cuda, cuda:1, auto.")
]
ValShare: TypeAlias = Annotated[float, typer.Option(help="Share of the groups for validation.")]
TestShare: TypeAlias = Annotated[float, typer.Option(help="Share of the groups for testing.")]
Seed: TypeAlias = Annotated[int, typer.Option(help="Of the split.")]
Workers: TypeAlias = Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")]
Resume: TypeAlias = Annotated[bool, typer.Option("--resume", help="Go on after a kill.")]
Overwrite: TypeAlias = Annotated[
    bool, typer.Option("--overwrite", help="Replace an earlier conversion in --out.")
]
Strict: TypeAlias = Annotated[
    bool, typer.Option("--strict", help="Exit with status 1 if any row was bad.")
]
LongSide: TypeAlias = Annotated[
    int, typer.Option(min=160, help="Longer side of a composed scene, in pixels.")
]
