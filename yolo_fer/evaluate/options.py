"""How a predictor is measured, as `val`, `compare` and the demo ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """How a predictor is measured.

    Args:
        batch: how many images the predictor is given at a time.
        resamples: the number of resamples of the bootstrap over groups; 0 gives no intervals.
        columns: the columns of manifest.csv, for each of whose values there are figures, too.
        threshold: the least score of a face with which the predictor is used, 0 to 1; None is what
            it advises.
        plots: whether to draw pictures, where files are written.
    """

    batch: int = 16
    resamples: int = 1000
    columns: tuple[str, ...] = ()
    threshold: float | None = None
    plots: bool = True


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a predictor comes from. It changes no figure, and stands next to them.

    Args:
        weights_sha256: the SHA-256 hash of its weights; None if they are not one file.
        command: what prints the figures again; None if no command does.
        options: what decides which faces it finds.
    """

    weights_sha256: str | None = None
    command: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
