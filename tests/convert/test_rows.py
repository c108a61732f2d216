from __future__ import annotations

import pytest

from yolo_fer.convert.rows import BadRow, leads_outside, usable
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.ledger import Ledger


def test_every_row_is_counted_and_a_bad_one_is_dropped_for_its_reason() -> None:
    ledger = Ledger()
    bad = BadRow(2, "b.jpg", DropReason.MALFORMED_ROW, "3 columns")
    assert list(usable(["a", bad, "c"], ledger)) == ["a", "c"]
    assert ledger.rows_in == 3
    assert ledger.dropped_by_reason() == {"malformed_row": 1}
    assert (ledger.dropped[0].line, ledger.dropped[0].detail) == (2, "3 columns")


@pytest.mark.parametrize(
    "name", ["../a.jpg", "a/../../b.jpg", "/etc/passwd", "..\\a.jpg", "C:\\a.jpg", "c:/a.jpg"]
)
def test_a_name_that_leads_out_of_its_folder_is_found(name: str) -> None:
    assert leads_outside(name)


@pytest.mark.parametrize("name", ["a.jpg", "sub/a.jpg", "sub\\a.jpg", "..a.jpg", "12:30.jpg"])
def test_any_other_name_stays_inside(name: str) -> None:
    assert not leads_outside(name)
