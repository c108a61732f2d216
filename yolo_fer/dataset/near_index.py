"""Which of millions of hashes are near each other: exactly, and without all pairs of those alike.

Hashes lie in balls around the first of their kind. What is asked for is compared with the centres;
the others of a ball are looked at only where the triangle inequality leaves a doubt. Fifty thousand
frames of a few scenes are a few balls, so that they cost as much as their number.

Hashes of pictures that have nothing in common are a ball each, and all of these are compared.
Tables of parts of the hash save nothing: where 68 of 256 bits may differ, one of 16 parts differs
in 4 of its 16 bits at most, and so it does in almost half of all unlike pairs. What is left is to
compare fast: XOR and bit counts of a row of centres stay in the cache and run on all cores.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yolo_fer.dataset.duplicates import HASH_BYTES, NEAR
from yolo_fer.runtime.executor import default_workers

Words: TypeAlias = NDArray[np.uint64]
Indices: TypeAlias = NDArray[np.intp]

_WORDS = HASH_BYTES // 8
_COLUMNS = 8192  # centres that a thread compares at a time: 256 KB
_ROWS = 64  # hashes that are compared with all centres at a time


def near_groups(hashes: NDArray[np.uint8], near: int = NEAR) -> Indices:
    """Find which hashes are connected by steps of at most `near` differing bits.

    Args:
        hashes: the bytes of the perceptual hashes, (N, 32).
        near: the greatest number of differing bits of two hashes that are near.

    Returns:
        (N,) for each hash the smallest index that it is connected with.
    """
    index = NearIndex(hashes, near)
    parents = array("q")  # of each ball, itself or an earlier one of its group

    def root(ball: int) -> int:
        while parents[ball] != ball:
            parents[ball] = ball = parents[parents[ball]]
        return ball

    for i, balls, bits in index.fill():
        ball = int(index.balls[i])
        if ball == len(parents):
            parents.append(ball)
        if not balls.size:
            continue
        mine = root(ball)
        apart = np.flatnonzero(np.frombuffer(parents, np.int64)[balls] != mine)
        # the sure ones first: they leave fewer doubts
        for k in apart[np.argsort(bits[apart], kind="stable")].tolist():
            other = root(int(balls[k]))
            if other != mine and index.is_near(i, balls[k : k + 1], bits[k : k + 1]):
                mine, other = min(mine, other), max(mine, other)
                parents[other] = mine
    roots = np.array([root(ball) for ball in range(len(parents))], dtype=np.intp)
    return index.centres[roots[index.balls]]


class NearIndex:
    """Hashes in balls; at most 150 bytes for each.

    Args:
        hashes: the bytes of the perceptual hashes, (N, 32).
        near: the greatest number of differing bits of two hashes that are near.
    """

    def __init__(self, hashes: NDArray[np.uint8], near: int = NEAR) -> None:
        self.near = near
        self.balls = np.zeros(len(hashes), dtype=np.intp)
        """The ball of each hash."""
        self._words = _words_of(hashes)
        self._centres = _Members()
        # How many bits may differ from each centre if a hash of its ball can be near.
        self._reach = array("H")
        self._others: dict[int, _Members] = {}  # of a ball, without its centre

    @classmethod
    def of(cls, hashes: NDArray[np.uint8], near: int = NEAR) -> Self:
        """Return an index with all of the hashes in it; the arguments are those of the class."""
        index = cls(hashes, near)
        for _ in index.fill():
            pass
        return index

    @property
    def centres(self) -> Indices:
        """The hash in the middle of each ball, which is its first."""
        return np.array(self._centres.numbers, dtype=np.intp)

    def fill(self) -> Iterator[tuple[int, Indices, Indices]]:
        """Put all hashes into balls, in order.

        Yields:
            A hash; balls, among them all that hold an earlier hash that is near; and how many bits
            differ from each ball's centre, or from a hash that is nearer than that.
        """
        for start, reached in self._reached(self._words):
            block = self._words[start : start + len(reached)]
            # hashes of the same block were in no ball when the centres were compared
            among = _distances(block[:, None], block)
            for row, (balls, bits) in enumerate(reached):
                twins = np.flatnonzero(among[row, :row] <= self.near)
                if twins.size:
                    balls = np.concatenate([balls, self.balls[start + twins]])
                    bits = np.concatenate([bits, among[row, twins]])
                self._place(start + row, balls, bits)
                yield start + row, balls, bits

    def near_any(self, hashes: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Return (M,) for each of (M, 32) hashes whether one of the index is near it."""
        words = _words_of(hashes)
        return np.array(
            [
                self._nearest(words[i], balls, bits, enough=True)[1] >= 0
                for start, reached in self._reached(words)
                for i, (balls, bits) in enumerate(reached, start)
            ],
            dtype=bool,
        )

    def nearest(self, hashes: NDArray[np.uint8]) -> tuple[Indices, Indices]:
        """Find for each of (M, 32) hashes the nearest of the index, if one is near.

        Returns:
            (M,) its number, the smallest if several are as near, -1 if none is near; and (M,) how
            many bits differ, `near` + 1 if none is near.
        """
        words = _words_of(hashes)
        found = [
            self._nearest(words[i], balls, bits)
            for start, reached in self._reached(words)
            for i, (balls, bits) in enumerate(reached, start)
        ]
        bits, numbers = np.array(found, dtype=np.intp).reshape(-1, 2).T
        return numbers, bits

    def is_near(self, i: int, balls: Indices, bits: Indices) -> bool:
        """Return whether a hash of the index is near one in some balls.

        Args:
            i: the number of the hash.
            balls: (K,) the numbers of the balls.
            bits: (K,) the numbers of differing bits, as `fill` yields them.
        """
        return self._nearest(self._words[i], balls, bits, enough=True)[1] >= 0

    def _nearest(
        self, one: Words, balls: Indices, bits: Indices, *, enough: bool = False
    ) -> tuple[int, int]:
        """Return bits and number of the nearest hash in some balls, or of any that is near."""
        best = (self.near + 1, -1)
        for k in np.argsort(bits, kind="stable").tolist():
            ball = int(balls[k])
            best = min(best, (int(bits[k]), self._centres.numbers[ball]))
            if enough and best[1] >= 0:
                break
            # by the triangle inequality a ball may be too far away by now
            if ball in self._others and bits[k] + self.near <= self._reach[ball] + best[0]:
                best = min(best, self._others[ball].nearest(one))
        return best

    def _reached(self, queries: Words) -> Iterator[tuple[int, list[tuple[Indices, Indices]]]]:
        """Yield a query's number, and for it and some more the balls in reach and their bits."""
        with ThreadPoolExecutor(default_workers()) as pool:
            for start in range(0, len(queries), _ROWS):
                block = queries[start : start + _ROWS]
                reached = [(_NONE, _NONE)] * len(block)
                firsts = range(0, len(self._reach), _COLUMNS)
                for found in pool.map(partial(self._compare, block), firsts):
                    for row, *new in found:
                        balls, bits = map(np.concatenate, zip(reached[row], new, strict=True))
                        reached[row] = balls, bits
                yield start, reached

    def _compare(self, queries: Words, first: int) -> list[tuple[int, Indices, Indices]]:
        """Return which of the balls from the first on are in reach of which query, and the bits."""
        columns = self._centres.columns[:, first : first + _COLUMNS]
        reach = np.frombuffer(self._reach, np.uint16)[first : first + _COLUMNS]
        differ = np.empty(columns.shape, dtype=np.uint64)
        counts = np.empty(columns.shape, dtype=np.uint8)
        bits = np.empty(columns.shape[1], dtype=np.uint16)
        found = []
        for row, query in enumerate(queries):
            np.bitwise_xor(columns, query[:, None], out=differ)
            np.bitwise_count(differ, out=counts)
            np.add(counts[:2], counts[2:], out=counts[:2])
            np.add(counts[0], counts[1], out=bits, dtype=np.uint16)
            near = bits <= reach
            if near.any():
                balls = np.flatnonzero(near)
                found.append((row, balls + first, bits[balls].astype(np.intp)))
        return found

    def _place(self, i: int, balls: Indices, bits: Indices) -> None:
        """Put a hash into the ball of the nearest hash that is known, or else into a new one."""
        one = self._words[i]
        if balls.size:
            ball = int(balls[bits.argmin()])
            away = int(_distances(self._words[self._centres.numbers[ball]], one))
            if 2 * away <= self.near:
                self.balls[i] = ball
                self._others.setdefault(ball, _Members()).append(i, one)
                self._reach[ball] = max(self._reach[ball], self.near + away)
                return
        self.balls[i] = len(self._reach)
        self._centres.append(i, one)
        self._reach.append(self.near)


class _Members:
    """Some hashes of an index: their numbers, and one below the other the words of each."""

    def __init__(self) -> None:
        self.numbers = array("q")
        self._columns = np.empty((_WORDS, 4), dtype=np.uint64)

    @property
    def columns(self) -> Words:
        """The words, (4, N)."""
        return self._columns[:, : len(self.numbers)]

    def append(self, number: int, words: Words) -> None:
        count = len(self.numbers)
        if count == self._columns.shape[1]:
            self._columns = np.concatenate([self._columns, self._columns], axis=1)
        self._columns[:, count] = words
        self.numbers.append(number)

    def nearest(self, one: Words) -> tuple[int, int]:
        """Return how many bits of the nearest hash differ, and the first number of such a hash."""
        bits = np.bitwise_count(self.columns ^ one[:, None]).sum(axis=0, dtype=np.uint16)
        first = int(bits.argmin())
        return int(bits[first]), self.numbers[first]


_NONE = np.empty(0, dtype=np.intp)


def _words_of(hashes: NDArray[np.uint8]) -> Words:
    return np.ascontiguousarray(hashes).view(np.uint64)


def _distances(words: Words, others: Words) -> Indices:
    """Return (...) how many bits of (..., 4) hashes differ."""
    # a product of floats is four times as fast as a sum over rows so short
    counts = np.bitwise_count(words ^ others).astype(np.float32)
    return np.asarray(counts @ np.ones(_WORDS, dtype=np.float32), dtype=np.intp)
