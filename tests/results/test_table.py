"""Results as a pandas table: a row for each face, in the columns of the command line's CSV."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from yolo_fer import Emotion, Predicted, Prediction, to_df
from yolo_fer.errors import MissingExtraError, UsageError
from yolo_fer.outputs import CsvSink
from yolo_fer.results import FacePrediction

pandas = pytest.importorskip("pandas")
HAPPY = FacePrediction((10, 20, 40.25, 60), (0, 0, 0, 0.75, 0, 0, 0.25), track=3)
ANGRY = FacePrediction((50, 20, 90, 60), (0.5, 0, 0, 0.25, 0, 0, 0.25))
SCENE = Prediction("a.jpg", 100, 80, (HAPPY, ANGRY))


def frames() -> Iterator[Predicted]:
    for number in range(3):
        faces = (HAPPY,) * number
        yield Predicted(None, Prediction("clip.mp4", 100, 80, faces, number, 40.0 * number))


def test_an_image_has_a_row_for_each_face() -> None:
    table = SCENE.to_df()
    assert table["emotion"].tolist() == ["happiness", "anger"]
    assert table[["x1", "y1", "x2", "y2"]].to_numpy().tolist()[0] == [10, 20, 40.25, 60]
    assert table["score"].tolist() == [HAPPY.score, ANGRY.score]
    assert table["probability_happiness"].tolist() == [0.75, 0.25]
    assert table["track"].tolist() == [3, pandas.NA]
    assert table["frame"].isna().all()


def test_a_list_and_a_stream_are_one_table() -> None:
    table = to_df([SCENE, *frames(), Prediction("bad.jpg", 0, 0, error="empty")])
    assert table["source"].tolist() == ["a.jpg"] * 2 + ["clip.mp4"] * 3
    assert table["frame"].dropna().tolist() == [1, 2, 2]
    assert to_df(frames())["time_ms"].tolist() == [40, 80, 80]
    mean = table.groupby("source")["probability_happiness"].mean()
    assert mean.to_dict() == {"a.jpg": 0.5, "clip.mp4": 0.75}


def test_the_columns_are_those_of_the_csv_file(tmp_path: Path) -> None:
    with CsvSink(tmp_path / "faces.csv") as sink:
        sink.write(Predicted(None, SCENE))
    with (tmp_path / "faces.csv").open(encoding="utf-8") as file:
        columns = next(csv.reader(file))
    assert [*SCENE.to_df().columns] == [name for name in columns if name != "error"]
    read = pandas.read_csv(tmp_path / "faces.csv")
    for name in Emotion:
        assert np.allclose(read[name.label], SCENE.to_df()[name.label])


def test_without_faces_the_columns_have_their_types_all_the_same() -> None:
    empty = to_df([])
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == SCENE.to_df().dtypes.to_dict()
    assert str(empty.dtypes["track"]) == "Int64"


def test_what_is_no_result_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="not of FacePrediction"):
        to_df([HAPPY])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="not of FacePrediction"):
        to_df(SCENE)  # type: ignore[arg-type]  # its faces


def test_without_pandas_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"yolo-fer\[table\]"):
        SCENE.to_df()
