from __future__ import annotations

import pytest

from yolo_fer.weights.entry import Entry, WheelMember
from yolo_fer.weights.registry import REGISTRY


def test_names_and_files_are_unique() -> None:
    for values in ([e.name for e in REGISTRY], [e.file for e in REGISTRY]):
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("entry", REGISTRY, ids=lambda entry: entry.name)
def test_every_entry_says_where_it_comes_from_and_can_be_verified(entry: Entry) -> None:
    assert entry.licence
    if entry.name != "retinaface-resnet50":  # its hash is published nowhere
        assert len(entry.sha256) == 64
        assert entry.size > 0
    if isinstance(entry.source, WheelMember):
        assert entry.sha256 is not None
        assert len(entry.source.wheel_sha256) == 64
