"""A conversion that cannot begin leaves the set that it would replace."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.converted import contents
from tests.helpers.converted_expw import ALL_TRAIN
from tests.helpers.raw_expw import RawExpw
from tests.helpers.raw_fer2013 import HEADER, Files, row
from yolo_fer.convert.expw import convert_expw
from yolo_fer.convert.fer2013 import Fer2013Options, convert_fer2013
from yolo_fer.convert.options import Run
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.errors import YoloFerError

AGAIN = Run(overwrite=True)


def test_a_table_that_cannot_be_read_replaces_no_set(tmp_path: Path) -> None:
    table, out = Files(tmp_path / "raw").table(*(row(i) for i in range(9))), tmp_path / "out"
    options = Fer2013Options(shares=SplitShares(0.0, 0.0))
    convert_fer2013(table, out, options)
    before = contents(out)
    empty = table.with_name("empty.csv")
    empty.write_text(f"{HEADER}\n")
    for bad in (table.with_name("fer2013.cvs"), empty):
        with pytest.raises(YoloFerError, match=bad.name):
            convert_fer2013(bad, out, options, AGAIN)
        assert contents(out) == before
    assert convert_fer2013(table, out, options, AGAIN) is not None


def test_a_list_without_a_row_replaces_no_set(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("a.jpg", seed=1)
    root, out = raw.write(), tmp_path / "out"
    convert_expw(root, out, ALL_TRAIN)
    before = contents(out)
    (root / "label" / "label.lst").write_text("")
    with pytest.raises(YoloFerError, match="is empty"):
        convert_expw(root, out, ALL_TRAIN, AGAIN)
    assert contents(out) == before
