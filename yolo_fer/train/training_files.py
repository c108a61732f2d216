"""The files of a training: what it goes on with after a kill, its log and its best network."""

from __future__ import annotations

import csv
import io
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import nn

from yolo_fer.errors import YoloFerError
from yolo_fer.files import write_atomically

Row: TypeAlias = dict[str, float]
"""A line of a log: how many steps or epochs are done, the rate, mean losses, what was measured."""
_FORMAT = 1  # of checkpoints
# what PyTorch raises where a checkpoint is not what is expected
_DAMAGED = (EOFError, LookupError, TypeError, ValueError, RuntimeError, pickle.UnpicklingError)


@dataclass(frozen=True, slots=True)
class TrainingFiles:
    """What a training writes; each file is replaced at once or not at all.

    Args:
        last: the checkpoint that it goes on with.
        log: a CSV file.
        best: the network of the best checkpoint, under `network`; None keeps none.
    """

    last: Path
    log: Path
    best: Path | None = None

    def save(self, parts: Mapping[str, Any], **values: Any) -> None:
        """Write the checkpoint: the state of all that changes in a training, and plain values."""
        state = {name: part.state_dict() for name, part in parts.items()}
        save_atomically(self.last, {"format": _FORMAT, **values, **state})

    def restore(
        self, parts: Mapping[str, Any], data: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Set the parts of a training as the checkpoint has them, if there is one.

        Args:
            parts: the parts, under the names with which they were saved.
            data: hashes of what is learned from; None does not compare them.

        Returns:
            The plain values; nothing without a checkpoint.

        Raises:
            YoloFerError: if the checkpoint cannot be read, or is of a training on other data.
        """
        if not self.last.exists():
            return {}
        try:
            state = torch.load(self.last, weights_only=True, map_location="cpu")
            if state["format"] != _FORMAT:
                raise ValueError(f"format {state['format']}")
            if data is not None and state["data"] != data:
                raise YoloFerError(
                    f"the training of {self.last} began on other faces than its data have now; "
                    "train without `resume`"
                )
            for name, part in parts.items():
                part.load_state_dict(state[name])
        except _DAMAGED as error:
            raise YoloFerError(
                f"{self.last} is damaged, or another version of yolo-fer wrote it, so that no "
                "training goes on with it; remove it to begin anew"
            ) from error
        return dict(state)

    def load_finished(self, network: nn.Module) -> list[Row]:
        """Load the best network of a training that came to its end; return the log, else nothing.

        Raises:
            YoloFerError: if the checkpoint cannot be read.
        """
        state = self.restore({})
        if not state.get("over"):
            return []
        self.load_best(network)
        return list(state["rows"])

    def write_best(self, network: nn.Module) -> None:
        """Write the best network so far, where it is kept."""
        if self.best is not None:
            save_atomically(self.best, {"network": network.state_dict()})

    def load_best(self, network: nn.Module) -> None:
        """Load the best network, where it is kept."""
        if self.best is not None:
            saved = torch.load(self.best, weights_only=True, map_location="cpu")
            network.load_state_dict(saved["network"])

    def write_log(self, rows: Sequence[Row]) -> None:
        """Write all rows of the log."""
        text = io.StringIO()
        names = dict.fromkeys(name for row in rows for name in row)
        writer = csv.DictWriter(text, list(names), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: f"{x:.6g}" for name, x in row.items()} for row in rows)
        write_atomically(self.log, text.getvalue().encode())


def save_atomically(path: Path, state: Mapping[str, Any]) -> None:
    """Write a checkpoint so that a kill never leaves half of one."""
    data = io.BytesIO()
    torch.save(dict(state), data)
    write_atomically(path, data.getvalue())
