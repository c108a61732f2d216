from __future__ import annotations

from collections.abc import Iterator

import pytest

for _package in ("fastapi", "prometheus_client", "python_multipart", "uvicorn"):
    pytest.importorskip(_package)

from tests.helpers.answering import Answering, answers, grey  # noqa: E402
from tests.helpers.predictors import BrightnessPredictor  # noqa: E402


@pytest.fixture
def picture() -> bytes:
    return grey(200)


@pytest.fixture(scope="module")
def server() -> Iterator[Answering]:
    """An address with its usual limits."""
    with answers(BrightnessPredictor()) as server:
        yield server
