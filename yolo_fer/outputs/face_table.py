"""Tables of faces as files that are there whole or not at all: Parquet, JSON lines or CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from yolo_fer.errors import MissingExtraError
from yolo_fer.outputs.sink import writing
from yolo_fer.outputs.text import FACE_COLUMNS, face_rows
from yolo_fer.paths import temporary_beside
from yolo_fer.predict.predicted import Predicted

_GROUP_ROWS = 20_000
"""Rows that wait for the disk: so many take a few MB, and more make no smaller file."""

Row = Mapping[str, Any]


class TableFormat(StrEnum):
    """What a table of faces is written as; its value is the ending of the files, too."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    CSV = "csv"

    def require(self) -> None:
        """Make sure that the format can be written here.

        Raises:
            MissingExtraError: if a package for it is not installed.
        """
        if self is TableFormat.PARQUET and find_spec("pyarrow") is None:
            purpose = "writing Parquet (`format=jsonl` and `format=csv` do without)"
            raise MissingExtraError("pyarrow", "archive", purpose)


class FaceTableSink:
    """A file with a row of `FACE_COLUMNS` for each face, in the order in which they come.

    It is written under a temporary name and gets its own when everything is in it. Left by an
    error it is not there. Images that could not be read give no row.

    Args:
        path: the file; one that is there is replaced. Its folder must exist.
        table_format: the file format of the table.
    """

    def __init__(self, path: Path, table_format: TableFormat) -> None:
        self._path = path
        self._temporary = temporary_beside(path)
        self._format = table_format
        self._rows: _Rows

    def __enter__(self) -> Self:
        """Open the temporary file.

        Raises:
            YoloFerError: if it cannot be written.
        """
        with writing(self._path):
            self._rows = _WRITERS[self._format](self._temporary)
        return self

    def write(self, predicted: Predicted) -> None:
        """Add the faces of one image or frame.

        Raises:
            YoloFerError: if they cannot be written, for example because the disk is full.
        """
        with writing(self._path):
            self._rows.add(face_rows(predicted.prediction))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finish the file, or remove what there is of it.

        Raises:
            YoloFerError: if it cannot be written to its end.
        """
        try:
            if error is None:
                with writing(self._path):
                    self._rows.close()
                    self._temporary.replace(self._path)
        finally:
            if self._temporary.exists():
                with suppress(OSError):
                    self._rows.close()
                with suppress(OSError):
                    self._temporary.unlink()


class _Rows(Protocol):
    def __init__(self, path: Path) -> None: ...

    def add(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


class _CsvRows:
    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._rows = csv.DictWriter(self._file, FACE_COLUMNS, lineterminator="\n")
        self._rows.writeheader()

    def add(self, rows: Sequence[Row]) -> None:
        self._rows.writerows(rows)

    def close(self) -> None:
        self._file.close()


class _JsonRows:
    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")

    def add(self, rows: Sequence[Row]) -> None:
        # In the order of the columns, so that readers that infer a schema agree with the others.
        self._file.writelines(
            json.dumps({name: row[name] for name in FACE_COLUMNS}, ensure_ascii=False) + "\n"
            for row in rows
        )

    def close(self) -> None:
        self._file.close()


class _ParquetRows:
    def __init__(self, path: Path) -> None:
        import pyarrow
        from pyarrow import parquet

        text, number, real = pyarrow.string(), pyarrow.int64(), pyarrow.float32()
        types = {"source": text, "frame": number, "time_ms": pyarrow.float64(), "emotion": text}
        types |= {"track": number}
        self._schema = pyarrow.schema([(name, types.get(name, real)) for name in FACE_COLUMNS])
        self._table = pyarrow.Table
        self._file = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._waiting: list[Row] = []

    def add(self, rows: Sequence[Row]) -> None:
        self._waiting += rows
        if len(self._waiting) >= _GROUP_ROWS:
            self._write()

    def _write(self) -> None:
        rows, self._waiting = self._waiting, []
        self._file.write_table(self._table.from_pylist(rows, self._schema))

    def close(self) -> None:
        try:
            if self._waiting:
                self._write()
        finally:
            self._file.close()


_WRITERS: dict[TableFormat, type[_Rows]] = {
    TableFormat.PARQUET: _ParquetRows,
    TableFormat.JSONL: _JsonRows,
    TableFormat.CSV: _CsvRows,
}
