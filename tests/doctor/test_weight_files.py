from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.doctor import Severity
from yolo_fer.doctor.weight_files import examine_space, examine_weights


def test_a_damaged_file_in_the_cache_is_a_warning_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path))
    (tmp_path / "yolo11n.pt").write_bytes(b"cut")

    warnings = [f for f in examine_weights() if f.status is Severity.WARNING]

    assert [f.remedy for f in warnings] == ["yolo-fer weights get yolo11n"]
    assert "cut short" in warnings[0].text


def test_a_cache_that_does_not_exist_yet_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path / "not" / "yet"))

    finding = examine_space()

    assert str(tmp_path / "not" / "yet") in finding.text
    assert not (tmp_path / "not").exists()
