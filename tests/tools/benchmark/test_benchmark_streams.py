from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.benchmark import benchmark
from tools.benchmark.crowds import CROWDS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "figures"),
    [(("tracking", "--repeats", "1"), len(CROWDS) + 1), (("smoothing", "--drawn", "1"), 2)],
)
def test_every_measurement_of_streams_runs(
    tmp_path: Path, arguments: tuple[str, ...], figures: int
) -> None:
    assert len(benchmark(tmp_path, *arguments)["figures"]) == figures
