"""A network that follows its detector into other processes, where it is loaded again."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yolo_fer.detector.loading import load_network
from yolo_fer.detector.network import Network
from yolo_fer.errors import YoloFerError
from yolo_fer.weights.store import default_detector, resolve

_Key: TypeAlias = tuple[Any, ...]

_lock = threading.Lock()
_last_unpickled: tuple[_Key, Network] | None = None
_inherited: list[object] = []


class ProcessNetwork:
    """A network that can be pickled, which the runtimes' own objects cannot.

    What is pickled is where the weights lie and how they are run. The other process loads them when
    it first needs them, and keeps the last that it loaded so: a pool that unpickles a detector for
    each task loads it once.

    Args:
        weights: a path or a name; None is the shipped detector.
        device: the argument of that name of `load_network`.
        threads: the argument of that name of `load_network`.
        trust: the argument of that name of `load_network`.

    Raises:
        UsageError: as `resolve` and `load_network`.
        YoloFerError: as `resolve` and `load_network`.
    """

    def __init__(
        self, weights: str | Path | None, device: str | int, threads: int | None, trust: bool
    ) -> None:
        self.path = _find(weights)
        is_file = weights is not None and self.path == Path(weights)
        # A worker may have another working folder, and another machine its weights elsewhere.
        self._weights = self.path.absolute() if is_file else weights
        self._how = (device, threads, trust)
        self._here: Network | None = load_network(self.path, *self._how)
        self.metadata = self._here.metadata
        self.fixed_size = self._here.fixed_size
        self.batch_size = self._here.batch_size
        self.on_gpu = self._here.on_gpu

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network on (N, 3, H, W) RGB, 0 to 1."""
        network = self._here
        if network is None:
            network = self._here = self._load_again()
        return network.run(batch)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_here": None}

    def _load_again(self) -> Network:
        global _last_unpickled
        with _lock:
            path = _find(self._weights)
            key = (path, *self._how, _stamp(path))
            if _last_unpickled is None or _last_unpickled[0] != key:
                _last_unpickled = key, load_network(path, *self._how)
            network = _last_unpickled[1]
        if (network.metadata, network.fixed_size) != (self.metadata, self.fixed_size):
            raise YoloFerError(
                f"{path}: these are other weights than those with which the detector was made; "
                "make it again"
            )
        self.path, self.on_gpu = path, network.on_gpu
        return network


def _find(weights: str | Path | None) -> Path:
    return default_detector() if weights is None else resolve(weights)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _after_fork() -> None:
    """Let a forked process load networks of its own, and never end one of its parent.

    To end it would mean to wait for its threads, which stayed behind.
    """
    global _lock, _last_unpickled
    _lock = threading.Lock()  # another thread may have held it
    _inherited.append(_last_unpickled)
    _last_unpickled = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
