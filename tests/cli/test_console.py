from __future__ import annotations

import json
from pathlib import Path

import pytest

from yolo_fer.cli.console import write_json_file
from yolo_fer.errors import UsageError


def test_what_was_found_is_written_as_every_language_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "found.json"

    write_json_file(path, {"name": "Zoë", "share": 0.5})

    assert json.loads(path.read_text(encoding="utf-8")) == {"name": "Zoë", "share": 0.5}
    with pytest.raises(ValueError, match="JSON"):
        write_json_file(path, {"share": float("nan")})


def test_without_a_file_nothing_is_written(tmp_path: Path) -> None:
    write_json_file(None, {"share": 0.5})

    assert not any(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--json .*nowhere.* cannot be written"):
        write_json_file(tmp_path / "nowhere" / "found.json", {})
