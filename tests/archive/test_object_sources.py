"""An archive in an object store is predicted as if it were on a disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.archives import (
    DEADLY,
    draw,
    ledger,
    options,
    predict,
    run_deadly_job,
    table,
)
from tests.helpers.object_stores import running_store, upload
from yolo_fer.archive import run
from yolo_fer.archive.job import JobResult
from yolo_fer.archive.plan import Plan
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning


@pytest.fixture(scope="module")
def store() -> Iterator[Any]:
    with running_store() as client:
        yield client


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_is_found_as_on_a_disk(
    store: Any, archive: Path, weights: Path, tmp_path: Path, workers: int
) -> None:
    prefix = f"same{workers}"
    (archive / "bad.mp4").write_bytes(b"no video")
    upload(store, archive, prefix)
    how = options(weights, track=True, summary=True)
    local = predict(archive, tmp_path / "local", how)
    remote = predict([f"s3://lab/{prefix}"], tmp_path / "remote", how, workers=workers)
    assert remote == local

    def rows(out: str, start: str) -> list[dict[str, str]]:
        found = table(tmp_path / out / "faces") + table(tmp_path / out / "_tracks")
        found = [row | {"source": row["source"].removeprefix(start)} for row in found]
        return sorted(found, key=lambda row: [*map(str, row.values())])

    assert rows("remote", f"s3://lab/{prefix}/") == rows("local", f"{archive}/")
    bad = ledger(tmp_path / "remote")["bad.mp4"]
    assert (bad["error"], bad["source"]) == ("not_a_video", f"s3://lab/{prefix}/bad.mp4")
    assert str(tmp_path) not in bad["detail"]
    assert "yolo-fer-" not in bad["detail"], "the copy is not named"


def test_resume_predicts_what_was_written_anew_alone(
    store: Any, weights: Path, tmp_path: Path
) -> None:
    for name in ("a.png", "b.mp4.txt"):
        store.put_object(
            Bucket="lab", Key=f"again/{name}", Body=draw(tmp_path / "a.png").read_bytes()
        )
    with pytest.warns(YoloFerWarning, match="1 named neither as an image nor as a video"):
        predict(["s3://lab/again"], tmp_path / "out", options(weights))
    store.delete_object(Bucket="lab", Key="again/b.mp4.txt")
    kept: list[int] = []

    def told(result: JobResult) -> None:
        kept.append(result.kept)

    predict(["s3://lab/again"], tmp_path / "out", options(weights), resume=True, told=told)
    assert kept == [1]
    store.put_object(Bucket="lab", Key="again/a.png", Body=b"other")
    account = predict(["s3://lab/again"], tmp_path / "out", options(weights), resume=True)
    assert (account.sources, dict(account.failed)) == (1, {"not_an_image": 1})


def test_an_object_that_goes_away_has_a_reason(
    store: Any, archive: Path, weights: Path, tmp_path: Path
) -> None:
    upload(store, archive / "more", "gone")

    def remove(_: JobResult) -> None:
        store.delete_object(Bucket="lab", Key="gone/a.png")

    account = predict(["s3://lab/gone"], tmp_path / "out", options(weights), told=remove)
    assert dict(account.failed) == {"missing_image": 1}
    missing = predict(["s3://lab/gone/none"], tmp_path / "none", options(weights))
    assert dict(missing.failed) == {"unreadable_folder": 1}
    assert "there is no such object" in missing.failed.examples["unreadable_folder"]


@pytest.mark.slow
def test_an_object_that_kills_its_workers_is_a_failure_and_not_the_end(
    store: Any, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", "b.png", DEADLY, "e.png", "f.png"):
        draw(tmp_path / "files" / name)
    upload(store, tmp_path / "files", "deadly")
    monkeypatch.setattr(run, "run_job", run_deadly_job)
    with pytest.warns(YoloFerWarning, match="a worker process died"):
        account = predict(["s3://lab/deadly"], tmp_path / "out", options(weights), workers=2)
    assert (account.sources, dict(account.failed)) == (5, {"worker_died": 1})
    assert "deadly.png: the process" in account.failed.examples["worker_died"]


def test_results_are_kept_while_a_store_does_not_answer(
    store: Any, weights: Path, tmp_path: Path
) -> None:
    draw(tmp_path / "files" / "a.png")
    upload(store, tmp_path / "files", "kept")
    predict(["s3://lab/kept"], tmp_path / "out", options(weights))
    store.delete_object(Bucket="lab", Key="kept/a.png")
    with pytest.warns(YoloFerWarning, match="s3://lab/kept could not be searched"):
        predict(["s3://lab/kept"], tmp_path / "out", options(weights), resume=True)
    assert len(table(tmp_path / "out" / "faces")) == 1


def test_addresses_that_overlap_are_refused(store: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="s3://lab/a/b lies in s3://lab/a"):
        Plan(("s3://lab/a", "s3://lab/a/b/"), tmp_path / "out")
    with pytest.raises(UsageError, match="lies in"):
        Plan(("s3://lab/a", "s3://lab/a"), tmp_path / "out")
    Plan(("s3://lab/a", "s3://lab/ab", "."), tmp_path / "out")


def test_nothing_but_other_files_is_an_error(store: Any, tmp_path: Path) -> None:
    store.put_object(Bucket="lab", Key="words/a.txt", Body=b"x")
    with pytest.raises(YoloFerError, match="no image and no video is below this address"):
        list(Plan(("s3://lab/words",), tmp_path / "out"))
