"""What `yolo-fer predict` says: a line for each image, and the account in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from yolo_fer.cli.console import print_warning
from yolo_fer.errors import YoloFerError

if TYPE_CHECKING:
    from yolo_fer.predict.image_files import RunCounts
    from yolo_fer.results import FacePrediction, Prediction


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
    return f"{what}: {', '.join(_describe_face(face) for face in prediction.faces)}"


def _describe_face(face: FacePrediction) -> str:
    number = "" if face.track is None else f" #{face.track}"
    return f"{face.caption}{number}"


def print_account(run_counts: RunCounts) -> None:
    """Print to standard error what was seen, and what was bad by reason."""
    counts = {"images": run_counts.images, "frames": run_counts.frames}
    parts = [f"{name}: {number}" for name, number in counts.items() if number]
    parts.append(f"faces: {run_counts.faces}")
    if run_counts.dropped:
        parts.append(f"dropped frames: {run_counts.dropped}")
    if run_counts.reconnects:
        parts.append(f"reconnects: {run_counts.reconnects}")
    typer.echo(", ".join(parts), err=True)
    for reason, number in run_counts.bad.most_common():
        print_warning(f"{number} {reason}, for example {run_counts.first_bad[reason]}")


def check(run_counts: RunCounts, strict: bool) -> None:
    """Make sure that a run was of use.

    Raises:
        YoloFerError: if nothing could be read, or anything was bad and `strict` forbids it.
    """
    if not run_counts.usable:
        raise YoloFerError("nothing could be read")
    if strict and run_counts.bad:
        raise YoloFerError(
            f"{run_counts.bad.total()} images or videos could not be read to their end"
        )
