"""What becomes of each source, and of all of them together."""

from __future__ import annotations

import csv
import io

import pytest

from yolo_fer.archive.account import SOURCE_COLUMNS, Account, SourceRow

IMAGE = SourceRow("in/a.png", "image", 900, 320, 240, frames=1, faces=2)
VIDEO = SourceRow("in/b.mp4", "video", 9000, 320, 240, frames=10, faces=7, seconds=0.4)
CUT = SourceRow(
    "in/ü \udcff.mp4", "video", 90, 320, 240, 3, 1, 0.1, "damaged_video", 'it, "broke" off'
)
GONE = SourceRow("in/c.png", "image", 0, error="missing_image", detail="it is gone")


@pytest.mark.parametrize("row", [IMAGE, VIDEO, CUT, GONE])
def test_a_row_comes_back_from_the_ledger_as_it_was(row: SourceRow) -> None:
    text = io.StringIO()
    csv.writer(text).writerow(row.to_cells())
    (cells,) = csv.DictReader(text.getvalue().splitlines(), SOURCE_COLUMNS)
    assert SourceRow.of_cells(cells) == row


def test_every_source_is_done_or_has_failed_for_a_reason() -> None:
    account = Account()
    for row in (IMAGE, VIDEO, CUT, GONE, GONE):
        account.add(row)
    assert account.to_json() == {
        "sources": 5,
        "done": 2,
        "images": 1,
        "videos": 2,  # of one that broke off, frames were read
        "frames": 13,
        "faces": 10,
        "failed": {"damaged_video": 1, "missing_image": 2},
    }
    assert account.sources == account.done + account.failed.total()
    assert account.usable == 14
