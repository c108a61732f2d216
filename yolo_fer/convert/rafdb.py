"""`convert rafdb`: the whole conversion of RAF-DB's basic expressions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yolo_fer.convert.crops import CropKind
from yolo_fer.convert.labelled_face import ImageKind, LabelledSource
from yolo_fer.convert.labelled_images import ImageOptions, ImageSet, convert_images
from yolo_fer.convert.options import Run
from yolo_fer.convert.rafdb_source import RafdbFace, RafdbFolder
from yolo_fer.convert.rows import usable
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.folder_lock import locks_out

# Eyes and mouth are warped to fixed places, so the box is the same part of each face: the median of
# RetinaFace's boxes, brought to ExpW's convention, on 1,000 of them, with a mean IoU of 0.88.
ALIGNED_FACE = CropKind(0.516, 0.431, 1.128)
# All pairs at up to 48 differing bits that were looked at are one photograph; at 50 to 52 two of
# seven show two people, at 62 to 64 six of seven do.
_NEAR = 52


@locks_out
def convert_rafdb(
    root: Path, out: Path, options: ImageOptions, run: Run = Run()
) -> dict[str, Any] | None:
    """Convert RAF-DB to a YOLO folder: whole photographs where they are there, else scenes.

    Args:
        root: the folder that holds `basic`; it is only read.
        out: the folder that the set is written to.
        options: the settings of the conversion; the share for test is not used, since RAF-DB has
            its own test faces.
        run: the workers, the progress, and whether to resume; none of it changes a byte of the
            result.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        YoloFerError: if nothing can be read or written, or no face is left.
    """
    root, out = root.absolute(), out.absolute()  # a cluster's workers have other folders
    folder = RafdbFolder.find(root)
    ledger = Ledger()
    faces = list(usable(folder.rows(), ledger))
    if not ledger.rows_in:
        raise YoloFerError(f"{folder.label_file} is empty; it should hold one row per face")
    return convert_images(
        ImageSet(
            "rafdb",
            root,
            folder.image_folder,
            [_image(face) for face in faces],
            ledger,
            "rows",
            near_crops=_NEAR,
            warnings=_warnings(faces),
        ),
        out,
        options,
        run,
    )


def _image(face: RafdbFace) -> LabelledSource:
    return LabelledSource(
        line=face.line,
        file=face.file,
        emotion=face.emotion,
        kind=ImageKind.CROPS if face.box is None else ImageKind.FULL,
        crop=ALIGNED_FACE if face.box is None else None,
        box=face.box,
        split=face.split,
    )


def _warnings(faces: list[RafdbFace]) -> list[str]:
    aligned = sum(face.box is None for face in faces)
    if aligned in (0, len(faces)):
        return []
    return [
        f"of {aligned} of {len(faces)} faces the photograph or its box is missing: the aligned "
        "face goes into a scene"
    ]
