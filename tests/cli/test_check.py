"""`yolo-fer check`: what it prints, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path

from tests.helpers.command import yolo_fer
from tests.helpers.converted import (
    TRAIN,
    convert_faces,
)
from tests.helpers.damage import first, move_a_label


def test_a_split_without_a_class_is_a_warning_and_the_status_is_0(tmp_path: Path) -> None:
    folder = convert_faces(tmp_path / "set", range(5), TRAIN)
    done = yolo_fer("check", folder, "--json", tmp_path / "found.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "val has no anger" in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())
    assert (found["images"], found["faces"], found["failed"]) == (5, 5, 0)
    statuses = {check["name"]: check["status"] for check in found["checks"]}
    assert statuses["classes"] == "warn"
    assert statuses["ledger"] == "pass"


def test_a_failure_is_named_with_its_file_and_the_status_is_1(tmp_path: Path) -> None:
    folder = convert_faces(tmp_path / "set", range(7), TRAIN)
    move_a_label(folder)
    done = yolo_fer("check", folder, "--workers", "1")
    assert done.returncode == 1
    assert first(folder) in done.stdout
    assert "1 of 20 checks failed" in done.stdout
