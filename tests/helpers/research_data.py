"""The maintainers' research data, which tests may look at and do not need."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).parents[3] / "shared" / "data"


def research_data(name: str) -> Path:
    """Return a file or folder of ../shared/data; without it the test is skipped."""
    path = _SHARED / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is not here")
    return path
