"""`yolo-fer weights`: what is here, whether it is whole, and fetching it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from yolo_fer.cli import weights as commands
from yolo_fer.weights.registry import REGISTRY

pytestmark = pytest.mark.usefixtures("weights_cache")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.app, arguments)


def test_the_list_names_everything_and_where_it_would_lie(weights_cache: Path) -> None:
    result = run("list")

    assert result.exit_code == 0
    assert all(entry.name in result.output for entry in REGISTRY)
    assert str(weights_cache) in result.output.replace("\n", "")


def test_verify_is_content_with_whole_files(shipped_tiny: Path) -> None:
    result = run("verify")

    assert result.exit_code == 0
    assert "tiny.onnx: ok" in result.output


@pytest.mark.parametrize("data", [b"short", bytes(5_613_764)])
def test_verify_exits_with_1_for_a_file_that_is_damaged(weights_cache: Path, data: bytes) -> None:
    (weights_cache / "yolo11n.pt").write_bytes(data)

    result = run("verify")

    assert result.exit_code == 1
    assert str(weights_cache / "yolo11n.pt") in result.output


def test_verify_exits_with_1_for_a_named_file_that_is_not_here() -> None:
    assert run("verify", "yolo11n").exit_code == 1


def test_get_prints_where_the_weights_lie(weights_cache: Path) -> None:
    (weights_cache / "retinaface-resnet50.onnx").write_bytes(b"network")

    result = run("get", "retinaface-resnet50")

    assert result.exit_code == 0
    assert result.stdout.strip() == str(weights_cache / "retinaface-resnet50.onnx")
    assert hashlib.sha256(b"network").hexdigest() in result.stderr
