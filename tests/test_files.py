"""Files that are always whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from yolo_fer.files import write_atomically, write_json


def test_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for data in (b"old", b"new"):
        write_atomically(path, data)
        assert path.read_bytes() == data
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_what_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def full(part: Path, data: bytes) -> int:
        with part.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as failed:
        write_atomically(path, b"new")
    assert failed.value.filename == str(path), "the error names the file"
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"], "no part is left"


def test_json_is_what_every_language_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"name": "Grüße \udcff.jpg"})
    assert path.read_text(encoding="utf-8") == '{\n  "name": "Grüße \\udcff.jpg"\n}\n'
    assert json.loads(path.read_bytes()) == {"name": "Grüße \udcff.jpg"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"mean": float("nan")})
