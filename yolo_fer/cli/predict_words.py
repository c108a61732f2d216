"""What `yolo-fer predict` says: a line for each image, and the account in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yolo_fer.cli.console import print_warning, say
from yolo_fer.errors import YoloFerError

if TYPE_CHECKING:
    from yolo_fer.predict.run_counts import RunCounts
    from yolo_fer.results import Prediction


def describe(prediction: Prediction) -> str:
    """Return the line of an image or a frame."""
    what = prediction.source
    if prediction.frame is not None:
        what += f" frame {prediction.frame}"
    if prediction.time_ms is not None:
        what += f" at {prediction.time_ms / 1000:.2f} s"
    if prediction.error is not None:
        return f"{what}: unreadable"
    if not prediction.faces:
        return f"{what}: no face"
    numbers = ("" if face.track is None else f" #{face.track}" for face in prediction.faces)
    named = (f"{face.caption}{n}" for face, n in zip(prediction.faces, numbers, strict=True))
    return f"{what}: {', '.join(named)}"


def print_account(run_counts: RunCounts, seconds: float, places: Sequence[str]) -> None:
    """Print to standard error what was seen, and what was bad by reason.

    Args:
        run_counts: the account.
        seconds: that the run took.
        places: where its results lie.
    """
    counts = {"images": run_counts.images, "frames": run_counts.frames}
    counts = {name: number for name, number in counts.items() if number}
    parts = [f"{name}: {number}" for name, number in counts.items()]
    shown = ", ".join(f"{e.label} {n}" for e, n in run_counts.emotions.most_common())
    parts.append(f"faces: {run_counts.faces}" + (f" ({shown})" if shown else ""))
    if counts:
        rate = run_counts.usable / max(seconds, 1e-6)
        parts.append(f"{rate:.{0 if rate >= 10 else 1}f} {' and '.join(counts)} a second")
    if run_counts.dropped:
        parts.append(f"dropped frames: {run_counts.dropped}")
    if run_counts.reconnects:
        parts.append(f"reconnects: {run_counts.reconnects}")
    say(", ".join(parts) + (f"; results in {', '.join(places)}" if places else ""))
    for line in run_counts.bad.lines():
        print_warning(line)


def _only_fault(run_counts: RunCounts) -> str | None:
    """Return what was bad about the only source, None if there were several."""
    if run_counts.usable or run_counts.bad.total() != 1:
        return None
    return next(iter(run_counts.bad.examples.values()))


def check(run_counts: RunCounts, strict: bool) -> None:
    """Make sure that a run was of use.

    Raises:
        YoloFerError: if nothing could be read, or anything was bad and `strict` forbids it.
    """
    if not run_counts.usable:
        raise YoloFerError(_only_fault(run_counts) or "nothing could be read")
    if strict and run_counts.bad:
        raise YoloFerError(
            f"{run_counts.bad.total()} images or videos could not be read to their end"
        )
