from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.raw_expw import RawExpw

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def raw(tmp_path: Path) -> RawExpw:
    return RawExpw(tmp_path / "raw")


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the research data in ../shared/data is not here")
    return SHARED
