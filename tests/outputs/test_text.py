"""Predictions as JSON lines and CSV, each line whole as soon as it is there."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.helpers.pictures import write_grey
from tests.helpers.predicted_files import predict
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.outputs import CsvSink, JsonLinesSink


def test_json_lines_are_whole_while_the_run_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out.jsonl"
    write_grey(tmp_path / "ä b.png")
    with JsonLinesSink(str(out)) as sink:
        for predicted in predict(tmp_path / "ä b.png", tmp_path / "missing.jpg"):
            sink.write(predicted)
            lines = out.read_text("utf-8").splitlines()
            assert json.loads(lines[-1]) == predicted.prediction.to_json()
    assert len(lines) == 2


def test_csv_has_a_row_for_each_face_and_each_error(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    write_grey(tmp_path / "a.png", level=255)
    with CsvSink(str(out)) as sink:
        for predicted in predict(tmp_path / "a.png", tmp_path / "missing.jpg"):
            sink.write(predicted)
    with out.open(encoding="utf-8", newline="") as file:
        face, error = csv.DictReader(file)
    assert face["emotion"] == "anger"
    assert float(face["score"]) == float(face["anger"]) == 1
    assert [float(face[key]) for key in ("x1", "y1", "x2", "y2")] == [0, 0, 60, 40]
    assert face["frame"] == face["time_ms"] == face["track"] == face["error"] == ""
    assert error["source"].endswith("missing.jpg")
    assert "does not exist" in error["error"]
    assert error["emotion"] == error["x1"] == ""


@pytest.mark.parametrize("sink", [JsonLinesSink, CsvSink])
def test_a_result_file_that_exists_is_kept_unless_told_otherwise(
    tmp_path: Path, sink: type[JsonLinesSink]
) -> None:
    out = tmp_path / "out"
    out.write_text("precious")
    with pytest.raises(UsageError, match="`overwrite`"), sink(str(out)):
        pass
    assert out.read_text() == "precious"
    with sink(str(out), overwrite=True):
        pass
    assert out.read_text() != "precious"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("sink", [JsonLinesSink, CsvSink])
def test_a_full_disk_is_an_error_that_names_the_file(
    tmp_path: Path, sink: type[JsonLinesSink]
) -> None:
    (predicted,) = predict(write_grey(tmp_path / "a.png"))
    with pytest.raises(YoloFerError, match="/dev/full cannot be written"):  # noqa: SIM117
        with sink("/dev/full", overwrite=True) as file:
            file.write(predicted)
