"""`convert folders`: the whole conversion of a folder per emotion."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolo_fer.convert.folders_source import FolderImage, find_images
from yolo_fer.convert.labelled_face import ImageKind, LabelledSource
from yolo_fer.convert.labelled_images import ImageOptions, ImageSet, convert_images
from yolo_fer.convert.options import Run
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.runtime.folder_lock import locks_out


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldersOptions(ImageOptions):
    """How a folder per emotion is converted; see `ImageOptions` for what is not listed here.

    Args:
        name: the name of the dataset, for the manifest.
        group_by: an expression that, found in a file's path, names the person; None if no name says
            it.
        kind: whether the images are crops of faces; `auto` decides for each image.
    """

    name: str = "folders"
    group_by: re.Pattern[str] | None = None
    kind: ImageKind = ImageKind.AUTO

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result; devices and worker counts do not."""
        return {
            "name": self.name,
            "group_by": self.group_by.pattern if self.group_by else None,
            "kind": str(self.kind),
            **ImageOptions.to_json(self),
        }


@locks_out
def convert_folders(
    root: Path, out: Path, options: FoldersOptions, run: Run = Run()
) -> dict[str, Any] | None:
    """Convert a folder per emotion to a YOLO folder.

    Args:
        root: the folder that holds the others; it is only read.
        out: the folder that the set is written to.
        options: the settings of the conversion.
        run: the workers, the progress, and whether to resume; none of it changes a byte of the
            result.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        YoloFerError: if nothing can be read or written, or no face is left.
    """
    root, out = root.absolute(), out.absolute()  # a cluster's workers have other folders
    found = find_images(root, options.group_by, out)
    ledger = Ledger(rows_in=len(found))
    images = []
    for image in found:
        if image.emotion is None:
            detail = f"the folder '{image.folder}' names none of the seven emotions"
            ledger.drop(image.number, image.file, DropReason.OTHER_CLASS, detail)
        else:
            images.append(
                LabelledSource(
                    line=image.number,
                    file=image.file,
                    emotion=image.emotion,
                    kind=options.kind,
                    person=image.person,
                    split=image.split,
                )
            )
    dataset = ImageSet(
        options.name, root, root, images, ledger, "images", warnings=_warnings(found, options)
    )
    return convert_images(dataset, out, options, run)


def _warnings(found: list[FolderImage], options: FoldersOptions) -> list[str]:
    unknown = sum(image.person is None for image in found)
    if options.group_by is None or not unknown:
        return []
    return [f"`group_by` finds no person in the names of {unknown} of {len(found)} images"]
