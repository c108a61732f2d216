"""Decoding image files by threads while somebody works on the images before them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from yolo_fer.errors import ImageError
from yolo_fer.images import Image, read_reduced
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.runtime.byte_budget import ByteBudget

WORKERS = max(1, min(4, (os.cpu_count() or 1) // 2))
"""Threads that decode: half of the cores, since the network needs the others."""
_AHEAD = WORKERS + 1
"""Images decoded or being decoded while one is predicted, as far as the bytes allow."""

Decoded = tuple[Image, tuple[int, int]] | ImageError
"""The pixels with the width and height of the whole image, or why there are none."""

Read: TypeAlias = Callable[[Path, Callable[[int], None] | None], tuple[Image, tuple[int, int]]]
"""A way to read an image file, which may say before how many bytes it takes; see `read_reduced`."""


def read_ahead(
    inputs: Iterable[ImageInput], read: Read = read_reduced
) -> Generator[tuple[ImageInput, Decoded], None, None]:
    """Yield each image file with its pixels, or the error, in order.

    Args:
        inputs: the images.
        read: reads one; several threads call it.
    """
    waiting: deque[tuple[ImageInput, Future[tuple[Decoded, int]]]] = deque()
    remaining = enumerate(inputs)
    budget = ByteBudget()
    pool = ThreadPoolExecutor(max_workers=WORKERS)
    try:
        while True:
            for ticket, item in islice(remaining, _AHEAD - len(waiting)):
                waiting.append((item, pool.submit(_read, item, read, ticket, budget)))
            if not waiting:
                return
            item, future = waiting.popleft()
            decoded, held = future.result()
            yield item, decoded
            del decoded, future
            budget.give_back(held)
    finally:
        budget.close()
        pool.shutdown(cancel_futures=True)


def read_in_turn(
    inputs: Iterable[ImageInput], read: Read
) -> Generator[tuple[ImageInput, Decoded], None, None]:
    """Yield each image file with its pixels, or the error, read when it is asked for."""
    for item in inputs:
        try:
            yield item, read(item.path, None)
        except ImageError as error:
            yield item, error


def _read(item: ImageInput, read: Read, ticket: int, budget: ByteBudget) -> tuple[Decoded, int]:
    return decode_within(budget, ticket, partial(read, item.path))


def decode_within(
    budget: ByteBudget,
    ticket: int,
    decode: Callable[[Callable[[int], None]], tuple[Image, tuple[int, int]]],
) -> tuple[Decoded, int]:
    """Decode an image when there is room for its pixels.

    Args:
        budget: the room.
        ticket: whose turn it is there.
        decode: as `decode_reduced` with nothing but its `before` left to give.

    Returns:
        What was decoded, and how many bytes of the room it holds, to give back after use.
    """
    taken: list[int] = []

    def take(size: int) -> None:
        budget.take(ticket, size)
        taken.append(size)

    try:
        decoded: Decoded = decode(take)
    except ImageError as error:
        decoded = error
    except BaseException:
        budget.give_back(sum(taken))
        raise
    finally:
        if not taken:
            budget.take(ticket, 0)
    return decoded, sum(taken)
