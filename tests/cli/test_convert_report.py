"""What a conversion prints in the end: its ledger, and how bad rows end it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from yolo_fer.cli.convert_report import finish
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError

OUT = Path("set")


def report(**dropped: int) -> dict[str, Any]:
    none = dict.fromkeys(EMOTION_NAMES, 0)
    return {
        "source": "drawn",
        "per_split": {"train": none | {"fear": 41}, "val": none, "test": none},
        "rows_in": 41 + sum(dropped.values()),
        "dropped": dropped,
        "faces_out": 41,
        "images_out": 17,
        "clipped": 2,
        "warnings": ["the val split has no face of: anger"],
    }


def test_rows_in_and_every_reason_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    finish(OUT, report(low_score=23, malformed_row=1), strict=False)
    printed = capsys.readouterr()
    for words in ("drawn → set", "41", "dropped: low_score", "23", "17 images", "dropped.csv"):
        assert words in printed.out
    assert "the val split has no face" in printed.err


def test_where_nothing_was_left_to_do_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    finish(OUT, None, strict=True)
    assert "set is complete already" in capsys.readouterr().out


def test_strict_takes_bad_rows_for_an_error_and_chosen_ones_not() -> None:
    finish(OUT, report(low_score=23), strict=True)
    with pytest.raises(YoloFerError, match="--strict: 2 bad rows"):
        finish(OUT, report(low_score=23, malformed_row=2), strict=True)
