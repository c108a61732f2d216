from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.doctor import Severity
from yolo_fer.doctor.ultralytics_settings import judge_release, judge_settings


@pytest.mark.parametrize("version", ["8.3.41", "8.3.46"])
def test_a_compromised_ultralytics_is_named(version: str) -> None:
    assert "compromised" in judge_release(version).text


@pytest.mark.parametrize(
    ("settings", "environment", "remedies"),
    [
        ('{"sync": true}', {}, ("settings sync=False", "YOLO_AUTOINSTALL=false")),
        ('{"sync": false}', {}, ("YOLO_AUTOINSTALL=false",)),
        ('{"sync": true}', {"YOLO_AUTOINSTALL": "false"}, ("settings sync=False",)),
        (None, {"YOLO_AUTOINSTALL": "False"}, ("settings sync=False",)),
        ('{"sync": fal', {"YOLO_AUTOINSTALL": "0"}, ("settings sync=False",)),
        ('{"sync": false}', {"YOLO_AUTOINSTALL": "false"}, ()),
    ],
)
def test_what_ultralytics_does_by_itself_is_told(
    tmp_path: Path, settings: str | None, environment: dict[str, str], remedies: tuple[str, ...]
) -> None:
    file = tmp_path / "settings.json"
    if settings is not None:
        file.write_text(settings)

    finding = judge_settings(file, environment)

    assert (finding.status is Severity.OK) == (not remedies)
    assert all(remedy in finding.remedy for remedy in remedies)
    assert ("sync" in finding.remedy) == ("settings sync=False" in remedies)
