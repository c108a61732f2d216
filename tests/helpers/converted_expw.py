"""Converting a made copy of ExpW."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.helpers.converted import contents
from tests.helpers.raw_expw import RawExpw
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.splits import SplitShares

KEEP = ExpwOptions(unlabelled=Unlabelled.KEEP)


ALL_TRAIN = replace(KEEP, shares=SplitShares(val=0, test=0))


def convert(raw: RawExpw, out: Path, options: ExpwOptions = ALL_TRAIN) -> dict[str, Any]:
    before = contents(raw.root)
    report = convert_expw(raw.write(), out, options)
    assert report is not None
    after = contents(raw.root)
    assert {name: after[name] for name in before if name != "label/label.lst"} == {
        name: data for name, data in before.items() if name != "label/label.lst"
    }, "a source file changed"
    assert report["rows_in"] == report["faces_out"] + sum(report["dropped"].values())
    return report
