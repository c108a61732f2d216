"""Converting a made release of Aff-Wild2."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.helpers.converted import contents
from tests.helpers.raw_affwild2 import ANN, BEN, RawAffwild2
from yolo_fer.convert.affwild2.conversion import convert_affwild2
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.options import Run
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.emotions import EMOTION_NAMES

DEFAULT = Affwild2Options()
IGNORE = Affwild2Options(unlabelled=Unlabelled.IGNORE)
ANGER, FEAR, HAPPINESS = 1, 3, 4  # as Aff-Wild2 numbers them
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


def faces(out: Path, split: str = "train") -> dict[str, list[tuple[str, float, float]]]:
    """For each image the names of its faces with the centres of their boxes."""
    found = {}
    for path in sorted((out / "labels" / split).rglob("*.txt")):
        rows = [line.split() for line in path.read_text().splitlines()]
        name = path.relative_to(out / "labels" / split).with_suffix("").as_posix()
        found[name] = [(EMOTION_NAMES[int(r[0])], float(r[1]), float(r[2])) for r in rows]
    return found


def dropped(out: Path) -> list[tuple[str, str, str]]:
    with (out / "dropped.csv").open(newline="") as file:
        return [(Path(r["image"]).name, r["line"], r["reason"]) for r in csv.DictReader(file)]
