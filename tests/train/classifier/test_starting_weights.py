from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from yolo_fer.errors import YoloFerError
from yolo_fer.train.classifier.starting_weights import load_start


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 7))


@pytest.mark.parametrize("old_format", [False, True])
def test_weights_of_both_formats_of_pytorch_are_loaded(tmp_path: Path, old_format: bool) -> None:
    start, other = network(), network()
    nn.init.constant_(start[0].weight, 0.25)
    state = start.state_dict()
    torch.save(state, tmp_path / "x.pt", _use_new_zipfile_serialization=not old_format)
    load_start(other, tmp_path / "x.pt", "small")
    assert torch.equal(other[0].weight, start[0].weight)


def test_a_file_that_asks_for_memory_is_refused_before_it_gets_any(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "x/data.pkl", b"\x80\x02cbuiltins\nbytearray\n\x8a\x04\x00\x94\x35\x77\x85R."
        )
        archive.writestr("x/version", "3\n")
    tracemalloc.start()
    try:
        with pytest.raises(YoloFerError, match="no file of plain PyTorch weights"):
            load_start(network(), path, "small")
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()
