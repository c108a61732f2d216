"""Several threads that call one object, held against what it gives when called in turn."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np


def assert_callers_do_not_meet(
    call: Callable[[Any], np.ndarray], items: Sequence[Any], callers: int = 4, rounds: int = 2
) -> None:
    """Every result of `callers` threads is that of a lone caller for the same item.

    The items have to differ in their results, or nothing would be shown.
    """
    alone = [call(item) for item in items]
    assert len({result.tobytes() for result in alone}) == len(items)
    together = threading.Barrier(callers)

    def go(caller: int) -> list[tuple[int, np.ndarray]]:
        together.wait(60)
        order = [(caller + step) % len(items) for step in range(rounds * len(items))]
        return [(number, call(items[number])) for number in order]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        with ThreadPoolExecutor(callers) as pool:
            results = [pair for pairs in pool.map(go, range(callers)) for pair in pairs]
    finally:
        sys.setswitchinterval(before)
    assert len(results) == callers * rounds * len(items)
    wrong = [
        number
        for number, result in results
        if result.shape != alone[number].shape or not np.allclose(result, alone[number], atol=1e-4)
    ]
    assert not wrong, f"{len(wrong)} of {len(results)} results are another image's"
