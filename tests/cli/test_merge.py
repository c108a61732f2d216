"""`yolo-fer merge`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.helpers.command import yolo_fer
from tests.helpers.converted import (
    TEST,
    TRAIN,
    convert_faces,
)


def test_the_command_prints_the_ledger_and_what_moved(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(8), TRAIN)
    b = convert_faces(tmp_path / "b", [3, *range(20, 27)], TEST)
    done = yolo_fer("merge", a, b, "--out", tmp_path / "out", "--test-images", "4")
    assert done.returncode == 0, done.stderr
    assert "not_drawn_for_test" in done.stdout
    assert "1 from train to test" in done.stderr
    assert json.loads((tmp_path / "out" / "conversion_report.json").read_text())["rows_in"] == 16
