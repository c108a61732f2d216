"""A table of faces is there whole or not at all, and the same in every format."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from yolo_fer.errors import MissingExtraError, YoloFerError
from yolo_fer.outputs import face_table
from yolo_fer.outputs.face_table import FaceTableSink, TableFormat
from yolo_fer.outputs.text import FACE_COLUMNS
from yolo_fer.predict.predicted import Predicted
from yolo_fer.results import FacePrediction, Prediction

FACE = FacePrediction((1, 2, 30.126, 40), (0.1, 0, 0, 0.5, 0, 0, 0.25), track=3)
FRAME = Prediction("v\udcff.mp4", 64, 48, (FACE, FACE), frame=7, time_ms=280.5)
IMAGE = Prediction("a.jpg", 64, 48, (FacePrediction((1, 2, 3, 4), (0.0,) * 7),))
BAD = Prediction("b.jpg", 0, 0, error="b.jpg: broken")


def write(path: Path, table_format: TableFormat, *predictions: Prediction) -> Path:
    with FaceTableSink(path, table_format) as sink:
        for prediction in predictions:
            sink.write(Predicted(None, prediction))
    return path


def read(path: Path, table_format: TableFormat) -> list[dict[str, Any]]:
    if table_format is TableFormat.PARQUET:
        parquet = pytest.importorskip("pyarrow.parquet")
        rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
        return rows
    text = path.read_text("utf-8")
    if table_format is TableFormat.JSONL:
        return [json.loads(line) for line in text.splitlines()]
    return [{k: v or None for k, v in row.items()} for row in csv.DictReader(text.splitlines())]


@pytest.mark.parametrize("table_format", list(TableFormat))
def test_a_row_for_each_face_in_every_format(tmp_path: Path, table_format: TableFormat) -> None:
    if table_format is TableFormat.PARQUET:
        pytest.importorskip("pyarrow")
    path = write(tmp_path / "faces", table_format, FRAME, BAD, IMAGE)
    first, _, last = read(path, table_format)
    assert tuple(first) == FACE_COLUMNS
    assert (first["source"], first["emotion"]) == ("v\\udcff.mp4", "happiness")
    assert (int(first["frame"]), float(first["time_ms"]), int(first["track"])) == (7, 280.5, 3)
    assert float(first["x2"]) == pytest.approx(30.13)
    assert float(first["probability_neutral"]) == pytest.approx(0.25 / 0.85, abs=1e-5)
    assert [last[name] for name in ("frame", "time_ms", "track")] == [None] * 3
    assert [file.name for file in tmp_path.iterdir()] == ["faces"]


@pytest.mark.parametrize("table_format", list(TableFormat))
def test_what_was_broken_off_is_not_there(tmp_path: Path, table_format: TableFormat) -> None:
    if table_format is TableFormat.PARQUET:
        pytest.importorskip("pyarrow")
    with (
        pytest.raises(KeyboardInterrupt),
        FaceTableSink(tmp_path / "faces", table_format) as sink,
    ):
        sink.write(Predicted(None, FRAME))
        assert not (tmp_path / "faces").exists()
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("table_format", list(TableFormat))
def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, table_format: TableFormat
) -> None:
    if table_format is TableFormat.PARQUET:
        pytest.importorskip("pyarrow")
    with pytest.raises(YoloFerError, match=r"missing/faces cannot be written"):
        write(tmp_path / "missing" / "faces", table_format, FRAME)


def test_many_rows_are_written_group_by_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(face_table, "_GROUP_ROWS", 10)
    path = write(tmp_path / "a.parquet", TableFormat.PARQUET, *[FRAME] * 12)
    assert parquet.ParquetFile(path).num_row_groups == 3
    assert parquet.read_table(path).num_rows == 24
    again = write(tmp_path / "b.parquet", TableFormat.PARQUET, *[FRAME] * 12)
    assert again.read_bytes() == path.read_bytes()


def test_parquet_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr(face_table, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"yolo-fer\[archive\]") as error:
        TableFormat.PARQUET.require()
    assert "`format=csv`" in str(error.value)
    TableFormat.CSV.require()
