"""`yolo-fer doctor`: every finding is shown, and the exit status says whether prediction works."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from yolo_fer.cli.main import app


def test_where_prediction_works_the_status_is_0_and_what_was_looked_at_is_shown() -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0
    for topic in ("Python", "OpenCV", "ONNX Runtime", "shipped weights"):
        assert topic in result.output


def test_where_the_shipped_weights_are_damaged_the_status_is_1(shipped_tiny: Path) -> None:
    (shipped_tiny / "tiny.onnx").write_bytes(b"changed")
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "tiny.onnx" in result.output
    assert "wrong hash" in result.output


@pytest.mark.usefixtures("weights_cache")
def test_weights_that_were_not_fetched_are_no_trouble() -> None:
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
