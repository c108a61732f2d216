from __future__ import annotations

from pathlib import Path

import yaml

import yolo_fer

ROOT = Path(__file__).parents[1]


def test_what_is_cited_is_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == yolo_fer.__version__
