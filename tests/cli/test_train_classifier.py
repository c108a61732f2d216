from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from yolo_fer.cli.main import app
from yolo_fer.errors import UsageError

runner = CliRunner()


def test_a_training_ends_with_the_command_that_measures_it(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--data", str(faces), "--arch", "compact-vgg", "--size", "32", "--epochs", "1"]
    result = runner.invoke(app, ["train-classifier", *words], catch_exceptions=False)
    assert result.exit_code == 0
    assert "epoch 1/1" in result.stderr
    command = result.stderr.partition("measure it with: yolo-fer ")[2].split()
    assert command[0] == "val-classifier"
    again = runner.invoke(app, command, catch_exceptions=False)
    assert again.exit_code == 0
    assert "(test)" in again.stdout, "not what it was trained on"


def test_a_rate_of_nothing_is_wrong_usage(faces: Path) -> None:
    for rate in ("0", "-1"):
        result = runner.invoke(app, ["train-classifier", "--data", str(faces), "--rate", rate])
        assert isinstance(result.exception, UsageError)


def test_the_help_says_what_the_data_may_be() -> None:
    for command in ("train-classifier", "val-classifier"):
        text = runner.invoke(app, [command, "--help"]).output
        assert "FER2013" in text
        assert "--ferplus" in text
