"""Decoded pixels wait in turn, and never more of them than the budget allows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from yolo_fer.runtime.byte_budget import ByteBudget


def started(call: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(0.2)
    return thread


def test_who_wants_more_than_is_left_waits_until_it_is_given_back() -> None:
    budget = ByteBudget(100)
    budget.take(0, 60)
    second = started(lambda: budget.take(1, 60))
    assert second.is_alive()
    budget.give_back(60)
    second.join(5)
    assert not second.is_alive()


def test_what_is_larger_than_the_budget_goes_alone() -> None:
    budget = ByteBudget(100)
    budget.take(0, 500)
    second = started(lambda: budget.take(1, 1))
    assert second.is_alive()
    budget.give_back(500)
    second.join(5)
    assert not second.is_alive()


def test_a_later_ticket_never_takes_what_an_earlier_one_waits_for() -> None:
    budget = ByteBudget(100)
    later = started(lambda: budget.take(1, 60))
    assert later.is_alive()
    budget.take(0, 60)
    budget.give_back(60)
    later.join(5)
    assert not later.is_alive()


def test_consuming_in_order_never_locks_up() -> None:
    budget = ByteBudget(100)
    with ThreadPoolExecutor(4) as pool:
        sizes = [(37 * i) % 130 for i in range(200)]
        futures = [pool.submit(budget.take, i, size) for i, size in enumerate(sizes)]
        for future, size in zip(futures, sizes, strict=True):
            future.result(10)
            budget.give_back(size)


def test_nobody_waits_for_a_budget_that_is_closed() -> None:
    budget = ByteBudget(1)
    budget.take(0, 1)
    waiting = started(lambda: budget.take(1, 1))
    budget.close()
    waiting.join(5)
    assert not waiting.is_alive()
