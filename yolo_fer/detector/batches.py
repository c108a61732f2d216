"""Several images through one run of a network, whatever number of them it takes at once."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yolo_fer.detector.network import Network
from yolo_fer.errors import YoloFerWarning, first_line


class BatchRunner:
    """Runs a network on any number of inputs of one size.

    A network that takes any number gets all of them. One that takes a certain number gets that many
    at a time, and the last time it is filled up with blank images, whose outputs are dropped. Some
    files say that they take any number and do not: they get one image after the other, and that is
    said once.

    Args:
        name: the name of the network in messages.
        network: the network that is run.
    """

    def __init__(self, name: str, network: Network) -> None:
        self._name = name
        self._network = network
        self._one_by_one = False

    def run(self, inputs: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Run the network.

        Args:
            inputs: each (1, 3, H, W) RGB, 0 to 1.

        Returns:
            The output of each, (1, …).
        """
        size = self._network.batch_size
        if size is None and len(inputs) > 1 and not self._one_by_one:
            outputs = self._run_at_once(inputs)
            if outputs is not None:
                return outputs
        size = size or 1
        starts = range(0, len(inputs), size)
        runs = (self._filled_up(inputs[start : start + size], size) for start in starts)
        return [output for outputs in runs for output in outputs]

    def _run_at_once(
        self, inputs: Sequence[NDArray[np.float32]]
    ) -> list[NDArray[np.float32]] | None:
        try:
            output = self._network.run(np.concatenate(inputs))
            if len(output) == len(inputs):
                return _one_each(output, len(inputs))
            reason = f"it returns {len(output)} outputs for {len(inputs)} images"
        # Each runtime has exceptions of its own, also for lack of memory.
        except Exception as error:
            reason = first_line(error)
        self._one_by_one = True
        warnings.warn(
            f"{self._name}: {len(inputs)} images cannot go through it together ({reason}); they go "
            "one by one. A smaller `batch` may be possible.",
            YoloFerWarning,
            stacklevel=2,
        )
        return None

    def _filled_up(
        self, inputs: Sequence[NDArray[np.float32]], size: int
    ) -> list[NDArray[np.float32]]:
        if size == 1:
            return [self._network.run(inputs[0])]
        blank = [np.zeros_like(inputs[0])] * (size - len(inputs))
        return _one_each(self._network.run(np.concatenate([*inputs, *blank])), len(inputs))


def _one_each(output: NDArray[np.float32], count: int) -> list[NDArray[np.float32]]:
    return [output[number : number + 1] for number in range(count)]
