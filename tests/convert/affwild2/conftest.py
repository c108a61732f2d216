from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.raw_affwild2 import RawAffwild2


@pytest.fixture
def affwild2(tmp_path: Path) -> RawAffwild2:
    return RawAffwild2(tmp_path / "raw")
