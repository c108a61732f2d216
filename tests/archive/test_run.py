"""An archive is predicted whole: every source is in the ledger, every face in one table."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.archives import (
    content,
    draw,
    film,
    ledger,
    options,
    predict,
    table,
)
from tests.helpers.graphs import raw_output, write_constant
from yolo_fer import systems
from yolo_fer.archive import job, parts
from yolo_fer.detector import Detector
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.outputs.face_table import TableFormat
from yolo_fer.outputs.text import FACE_COLUMNS


def test_every_source_is_in_the_ledger_and_every_face_in_the_table(
    archive: Path, weights: Path, tmp_path: Path
) -> None:
    (archive / "bad.mp4").write_bytes(b"no video")
    account = predict(archive, tmp_path / "out", options(weights))
    assert (account.sources, account.done, dict(account.failed)) == (5, 4, {"not_a_video": 1})
    assert (account.images, account.videos, account.frames, account.faces) == (2, 2, 19, 21)
    rows = table(tmp_path / "out" / "faces")
    assert len(rows) == 21
    assert tuple(rows[0]) == FACE_COLUMNS
    assert [int(row["frame"]) for row in rows if row["source"].endswith("b.mp4")] == [*range(12)]
    found = ledger(tmp_path / "out")
    assert {name: row["frames"] for name, row in found.items()} == {
        "a.png": "1", "b.mp4": "12", "c.mp4": "7", "bad.mp4": "0",
    }  # fmt: skip
    assert found["b.mp4"]["seconds"] == "0.44"
    assert (found["b.mp4"]["width"], found["b.mp4"]["height"]) == ("320", "320")
    assert found["bad.mp4"]["error"] == "not_a_video"
    assert str(tmp_path) in found["bad.mp4"]["detail"], "named as the user named it"


def test_two_sources_of_one_name_in_different_folders_stay_apart(
    archive: Path, weights: Path, tmp_path: Path
) -> None:
    predict(archive, tmp_path / "out", options(weights))
    sources = [row["source"] for row in table(tmp_path / "out" / "_sources")]
    assert {f"{archive}/a.png", f"{archive}/more/a.png"} < set(sources)
    assert len(sources) == len(set(sources))


def test_pandas_and_duckdb_read_the_folder_as_one_table(
    archive: Path, weights: Path, tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    pandas, duckdb = pytest.importorskip("pandas"), pytest.importorskip("duckdb")
    (archive / "_hidden").mkdir()
    draw(archive / "_hidden" / "_d.png")
    out = tmp_path / "out"
    parquet = options(weights, table_format=TableFormat.PARQUET, track=True, summary=True)
    account = predict(archive, out, parquet)
    frame = pandas.read_parquet(out)
    assert len(frame) == account.faces == 22
    assert tuple(frame.columns) == FACE_COLUMNS
    assert frame.happiness.round(5).eq(0.9).all()
    assert frame.source.str.endswith("_d.png").sum() == 1
    for pattern in ("faces/*.parquet", "**/*.parquet"):
        assert duckdb.read_parquet(f"{out}/{pattern}").count("*").fetchall() == [(22,)]
    assert duckdb.read_csv(f"{out}/_sources/*.csv").sum("frames").fetchall() == [(22,)]


def test_results_inside_the_archive_are_not_predicted(archive: Path, weights: Path) -> None:
    how = options(weights, track=True, timeline=True)
    pytest.importorskip("matplotlib")
    first = predict(archive, archive / "out", how)
    assert list((archive / "out" / "_timelines").glob("*.png"))
    assert predict(archive, archive / "out", how, resume=True) == first


def test_tracks_summaries_and_pictures_are_of_each_video(
    archive: Path, weights: Path, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    how = options(weights, smooth=0.5, summary=True, timeline=True, blur=True)
    predict(archive, tmp_path / "out", how)
    tracks = table(tmp_path / "out" / "_tracks")
    assert {(Path(row["source"]).name, row["frames"]) for row in tracks} == {
        ("b.mp4", "12"), ("c.mp4", "7"),
    }  # fmt: skip
    assert len(list((tmp_path / "out" / "_timelines").glob("*.png"))) == 2
    faces = table(tmp_path / "out" / "faces")
    assert {row["track"] for row in faces if row["source"].endswith("mp4")} == {"1"}


def test_a_picture_over_time_is_drawn_only_where_a_face_was_followed(
    archive: Path, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    nobody = write_constant(tmp_path / "no.onnx", raw_output(((1, 1, 9, 9), {3: 0.01})))
    account = predict(archive, tmp_path / "out", options(nobody, track=True, timeline=True))
    assert (account.done, account.faces) == (4, 0)
    assert not list((tmp_path / "out" / "_timelines").glob("*.png"))


def test_a_warning_of_the_network_is_told_once(archive: Path, tmp_path: Path) -> None:
    faces = (((80, 96, 160, 192), {3: 0.9}), ((200, 96, 280, 192), {4: 0.9}))
    two = write_constant(tmp_path / "two.onnx", raw_output(*faces))
    limited = replace(options(two).system, max_faces=1)
    with pytest.warns(YoloFerWarning, match="more than 1 faces") as told:
        account = predict(archive, tmp_path / "out", replace(options(two), system=limited))
    assert account.faces == 21
    assert len(told) == 1


def test_a_source_that_grows_while_it_is_read_has_failed_until_it_is_read_again(
    archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = job.predict_stream

    def with_growth(predictor: Any, source: Any, *others: Any) -> Iterator[Any]:
        yield from stream(predictor, source, *others)
        if source.name.endswith("b.mp4"):
            film(archive / "b.mp4", 20)

    monkeypatch.setattr(job, "predict_stream", with_growth)
    account = predict(archive, tmp_path / "out", options(weights))
    assert dict(account.failed) == {"changed_while_read": 1}
    assert account.failed.examples["changed_while_read"].startswith(f"{archive}/b.mp4: it changed")
    monkeypatch.undo()
    again = predict(archive, tmp_path / "out", options(weights), resume=True)
    assert (again.done, again.failed.total(), again.frames) == (4, 0, 27)


@pytest.mark.parametrize("batch", [1, 16])
def test_a_fault_at_one_source_is_its_reason_and_no_end(
    batch: int, archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        draw(archive / f"z{number}.png", 200 + number)
    predict_all = Detector.predict

    def fail_at_some(self: Detector, images: Any) -> Any:
        if any(image[0, 0, 0] in (201, 62) for image in images):
            raise RuntimeError("a kernel that cannot")
        return predict_all(self, images)

    monkeypatch.setattr(Detector, "predict", fail_at_some)
    monkeypatch.setattr(systems, "runs_on_gpu", lambda path, device: batch > 1)
    how = options(weights)
    how = replace(how, system=replace(how.system, batch=batch))
    account = predict(archive, tmp_path / "out", how)
    assert dict(account.failed) == {"unexpected_error": 3}
    found = ledger(tmp_path / "out")
    assert "RuntimeError: a kernel that cannot" in found["z1.png"]["detail"]
    assert found["z2.png"]["error"] == ""
    assert 0 < int(found["b.mp4"]["frames"]) < 12, "what came before is kept"


def test_a_disk_that_is_full_once_costs_nothing(
    archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failures = parts.write_atomically, [1]

    def full(path: Path, data: bytes) -> None:
        if failures:
            failures.pop()
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, data)

    predict(archive, tmp_path / "whole", options(weights))
    monkeypatch.setattr(parts, "write_atomically", full)
    predict(archive, tmp_path / "out", options(weights))
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_a_disk_that_stays_full_ends_the_run_and_resume_goes_on(
    archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parts, "write_atomically", full)
    with pytest.raises(YoloFerError, match=r"\.csv cannot be written \(No space .*`resume`"):
        predict(archive, tmp_path / "out", options(weights))
    monkeypatch.undo()
    assert predict(archive, tmp_path / "out", options(weights), resume=True).done == 4


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_no_text_and_names_that_readers_hide(weights: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    draw(folder / "_a.png")
    odd = os.fsdecode(os.fsencode(folder / "o") + b"\xff.png")
    draw(folder / "b.png").rename(odd)
    film(folder / ".mp4.mp4")
    predict(folder, tmp_path / "out", options(weights))
    assert {Path(row["source"]).name for row in table(tmp_path / "out" / "faces")} == {
        "_a.png", "o\\udcff.png", ".mp4.mp4",
    }  # fmt: skip
    assert not [path for path in tmp_path.glob("out/faces/*") if path.name[0] in "._"]
    assert predict(folder, tmp_path / "out", options(weights), resume=True).done == 3


def test_a_folder_that_cannot_be_searched_is_a_source_that_failed(
    archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict(archive, tmp_path / "out", options(weights))
    scandir = os.scandir

    def denied(path: Any) -> Any:
        if Path(path).name == "more":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.warns(YoloFerWarning, match="not found are kept .*more could not be searched"):
        account = predict(archive, tmp_path / "out", options(weights), resume=True)
    assert account.failed["unreadable_folder"] == 1
    assert "more: cannot be searched (Permission denied)" in str(account.failed.examples)
    monkeypatch.undo()
    again = predict(archive, tmp_path / "out", options(weights), resume=True)
    assert (again.done, again.failed.total()) == (4, 0)
    predict(archive, tmp_path / "whole", options(weights))
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_an_archive_without_an_image_or_a_video_is_an_error(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("nothing to see")
    with pytest.raises(YoloFerError, match="in: no image and no video in this folder"):
        predict(tmp_path / "in", tmp_path / "out", options(weights))
