"""ExpW: `label/label.lst`, one row per face, next to `image/origin`.

A row is `image_name face_id top left right bottom score label`: top first, then left, right,
bottom. A name repeats when an image has several faces. Source: Zhang, Luo, Loy, Tang, "From Facial
Expression Recognition to Interpersonal Relation Prediction", and the dataset's own readme.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from yolo_fer.convert.rows import BadRow, leads_outside
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.samples import Box
from yolo_fer.emotions import EXPW, Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.images.formats import SUFFIXES
from yolo_fer.inputs.walking import files_below

LABEL_FILES = ("label/label.lst", "label.lst")
IMAGE_FOLDERS = ("image/origin", "origin", "image", "images", ".")
_FIELDS = 8
_NAME_THEN_MORE = re.compile(rf"\.(?:{'|'.join(s[1:] for s in sorted(SUFFIXES))})\s", re.I)


@dataclass(frozen=True, slots=True)
class ExpwFace:
    """One usable row.

    Args:
        line: the number of its line in label.lst, from 1.
        image: the name as it stands in the row.
        box: the box as it stands in the row; it may pass the image's edge.
        score: the score of ExpW's face detector, about 0.2 to 138.
        emotion: None for a number that ExpW does not have.
    """

    line: int
    image: str
    box: Box
    score: float
    emotion: Emotion | None


@dataclass(frozen=True, slots=True)
class ExpwFolder:
    """Where the parts of ExpW lie."""

    label_file: Path
    image_folder: Path

    @classmethod
    def find(cls, root: Path) -> ExpwFolder:
        """Find label.lst and the images below a root.

        Raises:
            YoloFerError: if the root or label.lst is missing; the message says what was looked for.
        """
        if not root.is_dir():
            raise YoloFerError(
                f"{root} is not a folder; give the folder that holds label/label.lst"
            )
        label_file = next((root / p for p in LABEL_FILES if (root / p).is_file()), None)
        if label_file is None:
            raise YoloFerError(
                f"{root} has no {' or '.join(LABEL_FILES)}; give the folder that holds ExpW's "
                "label/label.lst and image/origin"
            )
        folders = [root / p for p in IMAGE_FOLDERS if (root / p).is_dir()]
        with_images = (f for f in folders if any(_is_image_name(p.name) for p in f.iterdir()))
        return cls(label_file, next(with_images, folders[0]))

    def images(self) -> dict[str, Path]:
        """Return all image files by their POSIX path below the image folder, NFC-normalised.

        Archives that passed through macOS hold decomposed letters; label.lst has composed ones.
        """
        found: dict[str, Path] = {}
        for path in sorted(files_below(self.image_folder)):
            if path.suffix.lower() in SUFFIXES:
                name = path.relative_to(self.image_folder).as_posix()
                found.setdefault(unicodedata.normalize("NFC", name), path)
        return found


def _is_image_name(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def read_rows(label_file: Path) -> tuple[list[ExpwFace], list[BadRow]]:
    """Read label.lst: every non-blank line becomes a face or a bad row.

    Raises:
        YoloFerError: if the file cannot be read at all.
    """
    try:
        data = label_file.read_bytes()
    except OSError as error:
        raise YoloFerError(f"{label_file} cannot be read: {error}") from error
    faces: list[ExpwFace] = []
    bad: list[BadRow] = []
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if not raw.strip():
            continue
        row = _parse_row(number, raw)
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            faces.append(row)
    return faces, bad


def _parse_row(line: int, raw: bytes) -> ExpwFace | BadRow:
    try:
        text = unicodedata.normalize("NFC", raw.decode("utf-8").strip())
    except UnicodeDecodeError as error:
        return BadRow(line, "", DropReason.MALFORMED_ROW, f"not UTF-8: {error}")
    # From the right, because names may hold spaces.
    fields = text.rsplit(maxsplit=_FIELDS - 1)
    name = fields[0]
    if len(fields) < _FIELDS:
        return BadRow(
            line, name, DropReason.MALFORMED_ROW, f"{len(fields)} fields instead of {_FIELDS}"
        )
    if not _is_image_name(name):
        if _NAME_THEN_MORE.search(name):
            return BadRow(line, name, DropReason.MALFORMED_ROW, f"more than {_FIELDS} fields")
        if _NAME_THEN_MORE.search(text):
            return BadRow(line, name, DropReason.MALFORMED_ROW, f"fewer than {_FIELDS} fields")
        return BadRow(
            line, name, DropReason.MALFORMED_ROW, "the first field is not the name of an image"
        )
    try:
        _, top, left, right, bottom, score, label = (float(field) for field in fields[1:])
    except ValueError as error:
        return BadRow(line, name, DropReason.MALFORMED_ROW, str(error))
    if not all(math.isfinite(v) for v in (top, left, right, bottom, score, label)):
        return BadRow(line, name, DropReason.NOT_A_NUMBER, "a field is NaN or infinite")
    try:
        box = Box(left, top, right, bottom)
    except ValueError:
        return BadRow(
            line,
            name,
            DropReason.INVALID_BOX,
            f"top {top:g}, left {left:g}, right {right:g}, bottom {bottom:g} is empty or swapped",
        )
    if leads_outside(name):
        return BadRow(line, name, DropReason.UNSAFE_PATH, "the name leads out of the image folder")
    path = PurePosixPath(name.replace("\\", "/"))
    emotion = EXPW.get(int(label)) if label == int(label) else None
    return ExpwFace(line, path.as_posix(), box, score, emotion)
