"""A run that was stopped goes on, and an archive that changed is brought up to date."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.archives import (
    content,
    draw,
    film,
    options,
    predict,
)
from tests.helpers.graphs import raw_output, write_constant
from yolo_fer.archive import job, run
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.outputs.face_table import TableFormat


@pytest.mark.parametrize("table_format", [TableFormat.JSONL, TableFormat.CSV])
def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(
    archive: Path, weights: Path, tmp_path: Path, table_format: TableFormat
) -> None:
    how = options(weights, table_format=table_format)
    predict(archive, tmp_path / "whole", how)

    def stop(result: job.JobResult) -> None:
        raise KeyboardInterrupt

    for resume in (False, True):
        with pytest.raises(KeyboardInterrupt):
            predict(archive, tmp_path / "out", how, told=stop, resume=resume)
        about = json.loads((tmp_path / "out" / "_run.json").read_text())
        assert about["complete"] is False
    done: list[job.JobResult] = []
    predict(archive, tmp_path / "out", how, told=done.append, resume=True)
    assert content(tmp_path / "out") == content(tmp_path / "whole")
    assert sum(result.kept for result in done) == 1, "the second was stopped where it was kept"


def test_a_finished_run_has_nothing_left_to_do(
    archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = predict(archive, tmp_path / "out", options(weights))
    before = content(tmp_path / "out")
    monkeypatch.setattr(run, "run_job", print)  # which gives no result
    assert predict(archive, tmp_path / "out", options(weights), resume=True) == first
    assert content(tmp_path / "out") == before


def test_what_changed_is_predicted_again_and_what_went_away_is_removed(
    archive: Path, weights: Path, tmp_path: Path
) -> None:
    predict(archive, tmp_path / "out", options(weights, track=True, summary=True))
    film(archive / "b.mp4", 5)
    (archive / "more" / "c.mp4").unlink()
    draw(archive / "new.png")
    results: list[job.JobResult] = []
    again = options(weights, track=True, summary=True)
    account = predict(archive, tmp_path / "out", again, resume=True, told=results.append)
    assert (account.images, account.videos, account.frames) == (3, 1, 5)
    predict(archive, tmp_path / "anew", again)
    assert content(tmp_path / "out") == content(tmp_path / "anew")


def test_resume_with_other_options_or_weights_says_which(
    archive: Path, weights: Path, tmp_path: Path
) -> None:
    predict(archive, tmp_path / "out", options(weights))
    before = content(tmp_path / "out")
    face = ((80, 96, 160, 192), {4: 0.9})
    others = write_constant(tmp_path / "other.onnx", raw_output(face))
    cases = [
        (options(weights, track=True), "track is true and was false"),
        (options(weights, table_format=TableFormat.JSONL), 'format is "jsonl" and was "csv"'),
        (options(others), "weights is [0-9a-f]{64} and was [0-9a-f]{64}"),
    ]
    for how, differs in cases:
        with pytest.raises(UsageError, match=rf"`resume` cannot go on .*{differs}"):
            predict(archive, tmp_path / "out", how, resume=True)
    with pytest.raises(UsageError, match=r"sources is .*more and was "):
        predict(archive / "more", tmp_path / "out", options(weights), resume=True)
    assert content(tmp_path / "out") == before


def test_other_results_are_kept_unless_they_may_be_replaced(
    archive: Path, weights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    predict(archive, out, options(weights, track=True))
    with pytest.raises(UsageError, match="add `resume` to go on with them, or `overwrite`"):
        predict(archive, out, options(weights))
    predict(archive, out, options(weights), overwrite=True)
    predict(archive, tmp_path / "anew", options(weights))
    assert content(out) == content(tmp_path / "anew")
    with pytest.raises(UsageError, match="nor the results of an archive"):
        predict(archive / "more", archive, options(weights), overwrite=True)
    with pytest.raises(UsageError, match="is a file"):
        predict(archive, archive / "a.png", options(weights))


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, '{"options": [1], "versions": {}}'])
def test_a_damaged_account_of_the_run_is_named(weights: Path, tmp_path: Path, text: str) -> None:
    draw(tmp_path / "archive" / "a.png")
    predict(tmp_path / "archive", tmp_path / "out", options(weights))
    (tmp_path / "out" / "_run.json").write_text(text)
    with pytest.raises(YoloFerError, match=r"_run\.json cannot be used .*give another `out`"):
        predict(tmp_path / "archive", tmp_path / "out", options(weights), resume=True)


@pytest.mark.parametrize("damage", ["", "source,kind\na.png,image\n", "\0", "bytes\nmany\n"])
def test_a_damaged_ledger_is_named_and_without_it_the_run_goes_on(
    weights: Path, tmp_path: Path, damage: str
) -> None:
    draw(tmp_path / "archive" / "a.png")
    whole = predict(tmp_path / "archive", tmp_path / "out", options(weights))
    (ledger,) = (tmp_path / "out" / "_sources").iterdir()
    ledger.write_text(damage)
    with pytest.raises(YoloFerError, match=rf"{ledger.name} is damaged .*remove it"):
        predict(tmp_path / "archive", tmp_path / "out", options(weights), resume=True)
    ledger.unlink()
    assert predict(tmp_path / "archive", tmp_path / "out", options(weights), resume=True) == whole


def test_a_folder_of_results_that_is_a_link_is_let_go_of(weights: Path, tmp_path: Path) -> None:
    draw(tmp_path / "archive" / "a.png")
    whole = predict(tmp_path / "archive", tmp_path / "out", options(weights))
    (tmp_path / "out" / "faces").rename(tmp_path / "elsewhere")
    (tmp_path / "out" / "faces").symlink_to(tmp_path / "elsewhere")
    assert (
        predict(tmp_path / "archive", tmp_path / "out", options(weights), overwrite=True) == whole
    )
    assert list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("how_again", ["overwrite", "resume"])
@pytest.mark.parametrize(
    ("sources", "told"),
    [
        (["missing.mp4"], "missing.mp4: nothing is there"),
        (["gone"], "gone: nothing is there"),
        (["gone.png", "typo/*.png"], "typo/.*no image and no video matches"),
        (["archive/b.mp4", "empty"], "no image and no video in this folder"),
        (["archive/b.mp4", "typo/*.png"], "no image and no video matches"),
    ],
)
def test_results_are_kept_if_there_is_nothing_to_replace_them_with(
    archive: Path,
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sources: list[str],
    told: str,
    how_again: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(run, "_check_same", lambda *_: None)  # as if it had begun with them
    predict(archive, tmp_path / "out", options(weights))
    before = content(tmp_path / "out")
    with pytest.raises(YoloFerError, match=told):
        predict(sources, tmp_path / "out", options(weights), **{how_again: True})
    assert content(tmp_path / "out") == before


def test_results_are_kept_where_the_archive_cannot_be_searched(
    archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict(archive, tmp_path / "out", options(weights))
    before = content(tmp_path / "out")
    scandir = os.scandir

    def denied(path: Any) -> Any:
        if Path(path) == archive:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(YoloFerError, match="nothing is there that can be read"):
        predict(archive, tmp_path / "out", options(weights), overwrite=True)
    monkeypatch.undo()
    assert content(tmp_path / "out") == before


def test_results_are_replaced_by_those_of_what_is_there(
    archive: Path, weights: Path, tmp_path: Path
) -> None:
    predict(archive, tmp_path / "out", options(weights))
    sources = [tmp_path / "gone.png", archive / "b.mp4"]
    account = predict(sources, tmp_path / "out", options(weights), overwrite=True)
    assert (account.done, dict(account.failed)) == (1, {"missing_image": 1})
    assert predict(sources, tmp_path / "out", options(weights), resume=True).sources == 2
