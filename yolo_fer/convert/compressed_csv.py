"""CSV files, also compressed, a row at a time."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from yolo_fer.errors import YoloFerError

_LONGEST_LINE = 1_000_000
"""In characters; a face of FER2013 takes about 10,000."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its 1-based line in the file, and its stripped fields by lower-case column name."""

    number: int
    fields: dict[str, str]


def read_lines(path: Path, columns: tuple[str, ...]) -> Iterator[Line]:
    """Yield the rows of a CSV file that are not empty; nothing is kept.

    Args:
        path: .csv, also compressed as .xz, .gz, .bz2 or .zip.
        columns: the columns that are wanted, in lower case; letter case and spaces of the header do
            not matter.

    Raises:
        YoloFerError: if the file is not there, lacks a column or cannot be read to its end.
    """
    with _open(path) as file:
        rows = csv.reader(_short_lines(file))
        number = 0
        try:
            header = [name.strip().lower() for name in next(rows, [])]
            missing = [name for name in columns if name not in header]
            if missing:
                raise YoloFerError(
                    f"{path} has no column {', '.join(missing)} in its first line; give the CSV "
                    "file as its authors published it"
                )
            twice = [name for name in columns if header.count(name) > 1]
            if twice:
                raise YoloFerError(f"{path} has two columns {', '.join(twice)}; remove one of each")
            places = {name: header.index(name) for name in columns}
            for row in rows:
                number = rows.line_num
                if any(row):
                    yield Line(
                        number,
                        {
                            name: row[i].strip() if i < len(row) else ""
                            for name, i in places.items()
                        },
                    )
        except (EOFError, OSError, lzma.LZMAError, zlib.error, zipfile.BadZipFile) as error:
            raise YoloFerError(
                f"{path} is damaged or cut short after line {number} ({error}); get it again"
            ) from error
        except csv.Error as error:
            raise YoloFerError(f"{path} is no CSV file after line {number}: {error}") from error


def _short_lines(file: IO[str]) -> Iterator[str]:
    """Yield lines; one of gigabytes, which few compressed bytes can hold, is never in memory."""
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise csv.Error(f"the next line has more than {_LONGEST_LINE:,} characters")
        yield line


@contextmanager
def _open(path: Path) -> Iterator[IO[str]]:
    if not path.is_file():
        raise YoloFerError(f"{path} is not a file; give a .csv, or a .csv.xz, .gz, .bz2 or .zip")
    try:
        with _open_bytes(path) as data:
            # utf-8-sig, because spreadsheets put a mark before the header
            yield io.TextIOWrapper(data, encoding="utf-8-sig", errors="replace", newline="")
    except zipfile.BadZipFile as error:
        raise YoloFerError(f"{path} is damaged ({error}); get it again") from error
    except RuntimeError as error:  # zipfile's, for a password or a compression it does not know
        raise YoloFerError(
            f"{path} cannot be unpacked ({error}); unpack it and give the .csv"
        ) from error


@contextmanager
def _open_bytes(path: Path) -> Iterator[IO[bytes]]:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            tables = [name for name in archive.namelist() if name.lower().endswith(".csv")]
            if len(tables) != 1:
                raise YoloFerError(
                    f"{path} holds {len(tables)} .csv files; unpack it and give the right one"
                )
            with archive.open(tables[0]) as member:
                yield member
    elif suffix in (".xz", ".gz", ".bz2"):
        openers: dict[str, Callable[..., Any]]
        openers = {".xz": lzma.open, ".gz": gzip.open, ".bz2": bz2.open}
        with openers[suffix](path, "rb") as stream:
            yield stream
    else:
        with path.open("rb") as file:
            yield file
