from __future__ import annotations

import pickle
from typing import Any

import pytest

from yolo_fer.archive.options import ArchiveOptions
from yolo_fer.errors import UsageError
from yolo_fer.outputs.face_table import TableFormat
from yolo_fer.predict.stream import Following
from yolo_fer.systems import Record

RECORD = Record((), "0" * 64, {"conf": 0.25, "imgsz": 416})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"summary": True}, "add `track`"),
        ({"timeline": True}, "add `track`"),
        ({"blur": True}, "add `timeline`"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ArchiveOptions(table_format=TableFormat.CSV, **options)


def test_what_decides_the_results_is_told_and_survives_another_process() -> None:
    pytest.importorskip("trackers")
    options = ArchiveOptions(
        following=Following(track=True), summary=True, table_format=TableFormat.JSONL
    )
    assert options.to_json(RECORD) == {
        "format": "jsonl",
        "track": True,
        "smooth": None,
        "summary": True,
        "timeline": False,
        "blur": False,
        "conf": 0.25,
        "imgsz": 416,
    }
    assert pickle.loads(pickle.dumps(options)) == options  # noqa: S301
