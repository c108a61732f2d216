from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.synthetic.drawn_expw import write_expw


@pytest.fixture(scope="session")
def drawn_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data.yaml of a small converted set of drawn scenes."""
    pytest.importorskip("ultralytics")
    root = tmp_path_factory.mktemp("drawn")
    write_expw(root / "raw", n_images=24, seed=3)
    options = ExpwOptions(unlabelled=Unlabelled.KEEP, shares=SplitShares(val=0.2, test=0.2))
    convert_expw(root / "raw", root / "set", options)
    return root / "set" / "data.yaml"
