"""Reading images by threads while the images before them are predicted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import TypeAlias, TypeVar

from yolo_fer.errors import ImageError
from yolo_fer.inputs.image_bytes import Decoded
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.runtime.byte_budget import IN_FLIGHT_BYTES, ByteBudget
from yolo_fer.runtime.executor import default_workers

WORKERS = max(1, min(4, default_workers() // 2))
"""Threads that decode: half of the cores that it may use, since the network needs the others."""
_CHUNK_BYTES = IN_FLIGHT_BYTES // 2

Item = TypeVar("Item")
Got = TypeVar("Got")
Take: TypeAlias = Callable[[int], None]
"""Called with the bytes of an image before they are there; it waits until they may be."""
Read: TypeAlias = Callable[[ImageInput, Take | None], Decoded]
"""A way to read an image, which may say before how many bytes it takes; see `read_input`."""


def read_ahead(
    inputs: Iterable[Item], read: Callable[[Item, Take], Got], together: int = 1
) -> Generator[tuple[Item, Got | ImageError], None, None]:
    """Yield each image with what was read of it, or the error, in order.

    Args:
        inputs: the images to read.
        read: the function that reads one; several threads call it. Any error but an `ImageError`
            ends the reading.
        together: the number of images that are predicted at once. As many are read meanwhile, or a
            few more, as far as the bytes allow.
    """
    ahead = WORKERS + together
    waiting: deque[tuple[Item, Future[tuple[Got | ImageError, int]]]] = deque()
    remaining = enumerate(inputs)
    budget = ByteBudget()
    pool = ThreadPoolExecutor(max_workers=WORKERS)
    try:
        while True:
            for ticket, item in islice(remaining, ahead - len(waiting)):
                waiting.append(
                    (item, pool.submit(decode_within, budget, ticket, partial(read, item)))
                )
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
    inputs: Iterable[Item], read: Callable[[Item, None], Got]
) -> Generator[tuple[Item, Got | ImageError], None, None]:
    """Yield each image with what was read of it, or the error, read when it is asked for."""
    for item in inputs:
        try:
            yield item, read(item, None)
        except ImageError as error:
            yield item, error


def in_chunks(
    items: Iterable[Item], most: int, bytes_of: Callable[[Item], int]
) -> Generator[list[Item], None, None]:
    """Yield the items in lists of `most`, or fewer where their bytes are many.

    Where the items end with an error, it is raised after those before it were yielded.

    >>> [*in_chunks("abcde", 2, lambda letter: 1)]
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    chunk: list[Item] = []
    held = 0
    try:
        for item in items:
            chunk.append(item)
            held += bytes_of(item)
            if len(chunk) == most or held >= _CHUNK_BYTES:
                yield chunk
                chunk, held = [], 0
            del item
    except Exception:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def decode_within(
    budget: ByteBudget, ticket: int, decode: Callable[[Take], Got]
) -> tuple[Got | ImageError, int]:
    """Decode an image when there is room for its pixels.

    Args:
        budget: the bytes that all images may take together.
        ticket: the place of the image in the order in which the budget is given out.
        decode: a function that decodes the image and calls its argument with the number of bytes
            before it takes them.

    Returns:
        What was decoded, and how many bytes of the room it holds, to give back after use.
    """
    taken: list[int] = []

    def take(size: int) -> None:
        budget.take(ticket, size)
        taken.append(size)

    decoded: Got | ImageError
    try:
        decoded = decode(take)
    except ImageError as error:
        decoded = error
    except BaseException:
        budget.give_back(sum(taken))
        raise
    finally:
        if not taken:
            budget.take(ticket, 0)
    return decoded, sum(taken)
