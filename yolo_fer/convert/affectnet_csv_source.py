"""AffectNet's release of 2017: `training.csv` and `validation.csv`, a row per face.

A row is `subDirectory_filePath, face_x, face_y, face_width, face_height, facial_landmarks,
expression, valence, arousal`; in some copies `validation.csv` has no header. The images lie below
`Manually_Annotated_Images`, which may be packed into several folders. The third table,
`automatically_annotated.csv`, has the labels of a network and is left alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from yolo_fer.convert.affectnet_source import AffectnetFace, parse_number
from yolo_fer.convert.rows import BadRow, leads_outside
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.samples import Box
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError

TABLES = {"training.csv": "train", "validation.csv": "test"}
AUTOMATIC = "automatically_annotated.csv"
_COLUMNS = (
    "subdirectory_filepath", "face_x", "face_y", "face_width", "face_height", "facial_landmarks",
    "expression", "valence", "arousal",
)  # fmt: skip
_BOX = _COLUMNS[1:5]
_NEEDED = (_COLUMNS[0], *_BOX, "expression")
_IMAGE_FOLDER = "Manually_Annotated_Images"
_DEPTH = 2  # how far below the root tables and images are looked for
_PROBED = 100  # rows that show where the images lie


def find_tables(root: Path) -> list[Path]:
    """Return the tables of the labels by people, the training faces first."""
    found = _find(root)
    return [found[name] for name in TABLES if name in found]


def has_automatic_table(root: Path) -> bool:
    """Return whether the table of a network's labels is there, too."""
    return AUTOMATIC in _find(root)


def _find(root: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in _folders(root):
        for path in sorted(folder.iterdir()) if folder.name != _IMAGE_FOLDER else []:
            if path.suffix.lower() == ".csv":
                found.setdefault(path.name.lower(), path)
    return found


def _folders(root: Path) -> list[Path]:
    """Return a root and the folders below it down to two levels, but none of the image folder's."""
    folders = [root]
    for _ in range(_DEPTH):
        parents = [folder for folder in folders if folder.name != _IMAGE_FOLDER]
        below = (p for parent in parents for p in sorted(parent.iterdir()) if p.is_dir())
        folders += [path for path in below if path not in folders]
    return folders


def read_tables(root: Path, tables: list[Path]) -> Iterator[AffectnetFace | BadRow]:
    """Yield the faces of all rows of some tables, usable or not.

    Raises:
        YoloFerError: if a table cannot be read or lacks a column.
    """
    for table in tables:
        folder = _image_folder(root, table)
        for line, row in _read(table):
            yield _parse(f"{table.name}:{line}", line, row, folder, TABLES[table.name.lower()])


def _image_folder(root: Path, table: Path) -> str:
    """Return the POSIX path from the root to the folder that a table's paths start from."""
    named = [folder for folder in _folders(root) if folder.name == _IMAGE_FOLDER]
    candidates = [path for path in (*named, root, table.parent, root / "images") if path.is_dir()]
    first = [row[_COLUMNS[0]] for _, row in islice(_read(table), _PROBED)]
    names = [name for name in first if name and not leads_outside(name)]
    for folder in candidates:
        if any((folder / name).is_file() for name in names):
            return folder.relative_to(root).as_posix()
    return candidates[0].relative_to(root).as_posix()


def _read(table: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line and stripped fields, by column in small letters, of each row with content."""
    try:
        with table.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.reader(file)
            columns: tuple[str, ...] | None = None
            for fields in rows:
                cells = [field.strip() for field in fields]
                if columns is None:
                    columns = _header(table, cells)
                    if columns[0] == cells[0].lower():
                        continue
                if any(cells):
                    padded = cells + [""] * (len(columns) - len(cells))
                    yield rows.line_num, dict(zip(columns, padded, strict=False))
    except (OSError, csv.Error) as error:
        raise YoloFerError(f"{table} cannot be read: {error}") from error


def _header(table: Path, cells: list[str]) -> tuple[str, ...]:
    """Return the columns that a first row names; AffectNet's own if it is a row of data."""
    columns = tuple(cell.lower() for cell in cells)
    if len(cells) == len(_COLUMNS) and cells[1].lstrip("-").isdecimal():
        return _COLUMNS
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise YoloFerError(
            f"{table} has no column {', '.join(missing)} in its first line; give the CSV file as "
            "AffectNet's authors published it"
        )
    return columns


def _parse(
    name: str, line: int, row: dict[str, str], folder: str, split: str
) -> AffectnetFace | BadRow:
    file = row[_COLUMNS[0]].replace("\\", "/")
    name = f"{name} {file}"
    if not file:
        return BadRow(line, name, DropReason.MALFORMED_ROW, "the row names no image")
    if leads_outside(file):
        return BadRow(line, name, DropReason.UNSAFE_PATH, "the name leads out of the image folder")
    emotion = parse_number(row["expression"])
    if not isinstance(emotion, Emotion):
        return BadRow(line, name, *emotion)
    try:
        x, y, width, height = (float(row[column]) for column in _BOX)
        box = Box(x, y, x + width, y + height)
    except ValueError:
        detail = f"face_x … face_height are {', '.join(repr(row[column]) for column in _BOX)}"
        return BadRow(line, name, DropReason.INVALID_BOX, detail)
    return AffectnetFace(line, (Path(folder) / file).as_posix(), emotion, split, box)
