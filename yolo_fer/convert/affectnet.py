"""`convert affectnet`: the whole conversion of AffectNet, in any of its layouts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from yolo_fer.convert.affectnet_csv_source import (
    AUTOMATIC,
    find_tables,
    has_automatic_table,
    read_tables,
)
from yolo_fer.convert.affectnet_source import (
    AffectnetFace,
    is_release_2021,
    list_release_2021,
    read_folders,
    read_release_2021,
)
from yolo_fer.convert.labelled_face import ImageKind, LabelledSource
from yolo_fer.convert.labelled_images import ImageOptions, ImageSet, convert_images
from yolo_fer.convert.options import Run
from yolo_fer.convert.rows import BadRow, usable
from yolo_fer.convert.votes import ballot_of
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.executor import Progress
from yolo_fer.runtime.folder_lock import locks_out

# Of pairs of crops at up to 60 differing bits that were looked at, one in thirty shows two people;
# at 62 to 68 one in four.
_NEAR = 60


@locks_out
def convert_affectnet(
    root: Path, out: Path, options: ImageOptions, run: Run = Run()
) -> dict[str, Any] | None:
    """Convert AffectNet to a YOLO folder: whole images with their box, crops in scenes.

    Two opinions on a face that differ are a soft label in the manifest; such a face is used for
    training only.

    Args:
        root: the folder that holds train_set, training.csv or a folder per emotion; it is only
            read.
        out: the folder that the set is written to.
        options: the settings of the conversion; the share for test counts only for copies without
            splits.
        run: the workers, the progress, and whether to resume; none of it changes a byte of the
            result.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        YoloFerError: if nothing can be read or written, or no face is left.
    """
    root, out = root.absolute(), out.absolute()  # a cluster's workers have other folders
    rows, warnings = _read(root, out, run.progress)
    ledger = Ledger()
    images = [_image(face) for face in usable(rows, ledger)]
    if not ledger.rows_in:
        raise YoloFerError(f"{root} holds no face; give AffectNet as it was unpacked")
    return convert_images(
        ImageSet(
            "affectnet", root, root, images, ledger, "rows", near_crops=_NEAR, warnings=warnings
        ),
        out,
        options,
        run,
    )


def _read(
    root: Path, out: Path, progress: Progress[Any]
) -> tuple[Iterable[AffectnetFace | BadRow], list[str]]:
    """Return the rows of whatever layout is there, and what a user should know about the files."""
    if not root.is_dir():
        raise YoloFerError(f"{root} is not a folder; give the folder that holds AffectNet")
    if is_release_2021(root):
        faces = list_release_2021(root)
        return read_release_2021(root, progress(faces, "reading labels", len(faces))), []
    tables = find_tables(root)
    if tables:
        left_out = f"{AUTOMATIC} is left out: its labels come from a network"
        return read_tables(root, tables), [left_out] if has_automatic_table(root) else []
    return read_folders(root, out)


def _image(face: AffectnetFace) -> LabelledSource:
    return LabelledSource(
        line=face.line,
        file=face.file,
        emotion=face.emotion,
        kind=ImageKind.CROPS if face.box is None else ImageKind.AUTO,
        box=face.box,
        split=face.split,
        votes=ballot_of(face.opinions) if face.opinions else "",
    )
