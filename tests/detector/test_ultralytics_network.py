"""Exports that Ultralytics runs: those that can hold a program need trust."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.refused import assert_refused
from yolo_fer import Detector
from yolo_fer.errors import UsageError


@pytest.mark.parametrize("name", ["weights.torchscript", "weights.engine", "weights.mnn"])
def test_a_damaged_file_that_ultralytics_would_run(tmp_path: Path, name: str) -> None:
    pytest.importorskip("ultralytics")
    path = tmp_path / name
    path.write_bytes(b"x")
    assert_refused(path, trust=True)


@pytest.mark.parametrize(
    "name",
    [
        "a.torchscript", "a.engine", "a.pb", "a.mlpackage", "a_saved_model", "a_paddle_model",
        "a_executorch_model",
    ],
)  # fmt: skip
def test_a_format_that_can_hold_a_program_needs_trust(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    assert_refused(path, "trust_weights")


def test_threads_cannot_be_set_where_the_runtime_has_no_word_for_them(tmp_path: Path) -> None:
    path = tmp_path / "weights.mnn"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match="threads"):
        Detector(path, threads=1)
