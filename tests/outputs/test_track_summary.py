from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.helpers.frames import face, frame
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.outputs import SummarySink


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_row_for_each_track(tmp_path: Path) -> None:
    path = tmp_path / "new" / "s.csv"
    with SummarySink(path) as sink:
        for index in range(31):
            label = Emotion.ANGER if index < 15 else Emotion.SADNESS
            sink.write(frame(index, face(track=1), face(emotion=label, track=2, score=0.5)))
    first, second = rows_of(path)
    assert (first["source"], first["track"], first["emotion"]) == ("clip.mp4", "1", "happiness")
    assert (first["frames"], first["first_ms"], first["last_ms"]) == ("31", "0.0", "1000.0")
    shares = {name: float(second[f"share_{name}"]) for name in EMOTION_NAMES}
    assert shares["anger"] == shares["sadness"] == pytest.approx(0.5, abs=0.02)
    assert sum(shares.values()) == pytest.approx(1, abs=0.001)
    assert float(second["mean_score"]) == 0.5
    assert float(second["label_changes_per_second"]) == pytest.approx(1, abs=0.01)


def test_a_run_that_is_broken_off_has_its_rows(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), SummarySink(tmp_path / "s.csv") as sink:
        sink.write(frame(0, face(track=1)))
        raise KeyboardInterrupt
    assert len(rows_of(tmp_path / "s.csv")) == 1


def test_without_a_track_there_is_a_header_and_no_row(tmp_path: Path) -> None:
    with SummarySink(tmp_path / "s.csv") as sink:
        sink.write(frame(0, face()))
    assert rows_of(tmp_path / "s.csv") == []
    assert (tmp_path / "s.csv").read_text().startswith("source,track,first_ms")


def test_a_file_that_exists_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("precious")
    with pytest.raises(UsageError, match="`overwrite`"):
        SummarySink(tmp_path / "s.csv")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error_that_names_the_file() -> None:
    with pytest.raises(YoloFerError, match="/dev/full cannot be written"):  # noqa: SIM117
        with SummarySink("/dev/full", overwrite=True) as sink:
            sink.write(frame(0, face(track=1)))
