"""The page on troubleshooting has a place for whatever `yolo-fer doctor` finds."""

from __future__ import annotations

import re

from tests.helpers.pages import ROOT
from yolo_fer.doctor import Severity


def test_what_doctor_can_find_is_among_the_symptoms() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    found = set()
    for module in (ROOT / "yolo_fer" / "doctor").glob("*.py"):
        source = module.read_text("utf-8")
        found |= set(re.findall(r"Diagnosis\(\s*\"([\w -]+)\", Severity\.(?!OK)", source))
        found |= set(re.findall(r"topic = \"([\w -]+)\"", source))
    assert {"OpenCV", "shipped weights", "cache"} <= found
    assert {topic for topic in found if f"*{topic}*" not in page} == set()
    assert {f"*{status}*" for status in Severity if status is not Severity.OK} <= set(
        re.findall(r"\*[a-z]+\*", page)
    )
