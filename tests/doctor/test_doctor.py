from __future__ import annotations

import subprocess
import sys

import pytest

from yolo_fer.doctor import Diagnosis, Severity, examine, prediction_works


def test_everything_is_looked_at_and_every_trouble_has_a_remedy() -> None:
    findings = examine()

    topics = {finding.topic for finding in findings}
    assert {"Python", "core", "OpenCV", "display", "ONNX Runtime", "shipped weights"} <= topics
    for finding in findings:
        if finding.status in (Severity.WARNING, Severity.PROBLEM):
            assert finding.remedy, finding


def test_it_imports_no_framework() -> None:
    code = (
        "import sys; from yolo_fer.doctor import examine; examine();"
        "print(sorted({'torch', 'ultralytics', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("status", "works"),
    [
        (Severity.OK, True),
        (Severity.NOTE, True),
        (Severity.WARNING, True),
        (Severity.PROBLEM, False),
    ],
)
def test_only_a_problem_keeps_prediction_from_working(status: Severity, works: bool) -> None:
    assert prediction_works([Diagnosis("a", Severity.OK, ""), Diagnosis("b", status, "")]) is works
