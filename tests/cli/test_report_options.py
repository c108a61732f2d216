from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from yolo_fer.cli.main import app
from yolo_fer.cli.report_options import ReportFlags
from yolo_fer.errors import UnusedArgumentError, UsageError


def test_what_was_found_is_written_as_every_language_reads_it(tmp_path: Path) -> None:
    report = ReportFlags(tmp_path / "found.json")
    report.check()
    report.write({"name": "Zoë", "share": 0.5})
    written = (tmp_path / "found.json").read_text(encoding="utf-8")
    assert json.loads(written) == {"name": "Zoë", "share": 0.5}
    with pytest.raises(ValueError, match="JSON"):
        report.write({"share": float("nan")})


def test_without_a_file_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ReportFlags().check(tmp_path)
    ReportFlags().write({"share": 0.5})
    assert not any(tmp_path.iterdir())
    with pytest.raises(UnusedArgumentError, match="only of use with --json"):
        ReportFlags(overwrite=True).check()


def test_a_file_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    report = ReportFlags(tmp_path / "nowhere" / "found.json")
    with pytest.raises(UsageError, match=r"--json .*nowhere.* cannot be written"):
        report.check()
    with pytest.raises(UsageError, match=r"--json .*nowhere.* cannot be written"):
        report.write({})


def test_a_file_that_is_there_is_replaced_only_if_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "letter.json"
    path.write_text("dear")
    with pytest.raises(UsageError, match=r"letter\.json exists; give another name or `overwrite`"):
        ReportFlags(path).check()
    report = ReportFlags(path, overwrite=True)
    report.check(tmp_path / "set")
    report.write({})
    assert json.loads(path.read_text()) == {}


def test_what_is_read_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    data = tmp_path / "set" / "data.yaml"
    data.write_text("names: []")
    (tmp_path / "link").symlink_to(tmp_path / "set")
    for read in (tmp_path / "set", data, tmp_path / "link"):
        with pytest.raises(UsageError, match=r"data\.yaml is in .*, which is read"):
            ReportFlags(data, overwrite=True).check(read)
    ReportFlags(tmp_path / "set" / "new.json").check(tmp_path / "set")


@pytest.mark.parametrize(
    "words",
    [["check"], ["faces"], ["val-classifier", "--weights", "nowhere.onnx"]],
    ids=lambda words: words[0],
)
def test_each_command_refuses_before_it_begins(tmp_path: Path, words: list[str]) -> None:
    data = tmp_path / "data.yaml"
    data.write_text("names: []")
    command = typer.main.get_command(app)
    name, *others = words
    typed = [name, str(tmp_path), *others, "--json", str(data)]
    with pytest.raises(UsageError, match=r"data\.yaml exists"):
        command.main(typed, standalone_mode=False)
    with pytest.raises(UsageError, match=r"data\.yaml is in .*, which is read"):
        command.main([*typed, "--overwrite"], standalone_mode=False)
    assert data.read_text() == "names: []"
