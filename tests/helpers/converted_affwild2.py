"""Converting a made release of Aff-Wild2."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.helpers.converted import contents
from tests.helpers.raw_affwild2 import ANN, BEN, RawAffwild2
from yolo_fer.convert.affwild2.conversion import convert_affwild2
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.options import Run

DEFAULT = Affwild2Options()
ALONE = {ANN: (160, 110, 110)}
TWO = {ANN: (80, 100, 110), BEN: (240, 110, 90)}


def convert(
    raw: RawAffwild2,
    out: Path,
    options: Affwild2Options = DEFAULT,
    cache: Path | None = None,
    run: Run = Run(),
) -> dict[str, Any]:
    before = contents(raw.root)
    options = replace(options, cache=cache or out.parent / "cache")
    report = convert_affwild2(raw.root, out, options, run)
    assert report is not None
    assert contents(raw.root) == before, "a source file changed"
    assert report["rows_in"] == report["faces_out"] + sum(report["dropped"].values())
    return report


def command(raw: RawAffwild2, out: Path, *more: str) -> list[str]:
    arguments = ["convert", "affwild2", str(raw.root), "--out", str(out), *more]
    return [sys.executable, "-m", "yolo_fer", *arguments]
