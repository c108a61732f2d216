"""From what was predicted of a source to its row in the ledger."""

from __future__ import annotations

from dataclasses import replace

from yolo_fer.archive.account import SourceRow
from yolo_fer.archive.sources import Source
from yolo_fer.errors import FileFault
from yolo_fer.predict.predicted import Predicted
from yolo_fer.results import Prediction


def failed(source: str, error: Exception) -> Predicted:
    """Return what stands for a source that makes the system fail."""
    text = f"{source}: {type(error).__name__}: {error}"
    return Predicted(None, Prediction(source, 0, 0, error=text), FileFault.UNEXPECTED_ERROR)


def image_row(row: SourceRow, predicted: Predicted) -> SourceRow:
    """Return the row of an image that was predicted."""
    prediction = predicted.prediction
    if predicted.reason is not None:
        return replace(row, error=predicted.reason, detail=prediction.error or "")
    width, height = prediction.width, prediction.height
    return replace(row, width=width, height=height, frames=1, faces=len(prediction.faces))


def with_frame(row: SourceRow, predicted: Predicted) -> SourceRow:
    """Return the row of a video with one more frame, or the reason why there are no more."""
    prediction = predicted.prediction
    if predicted.reason is not None:
        return replace(row, error=predicted.reason, detail=prediction.error or "")
    if not row.frames:
        row = replace(row, width=prediction.width, height=prediction.height)
    seconds = row.seconds if prediction.time_ms is None else prediction.time_ms / 1000
    faces = row.faces + len(prediction.faces)
    return replace(row, frames=row.frames + 1, faces=faces, seconds=seconds)


def checked(source: Source, row: SourceRow) -> SourceRow:
    """Return the row of a source; one that changed meanwhile has failed."""
    if not source.has_changed:  # and no absolute path is written
        return replace(row, detail=row.detail.replace(str(source.path), source.name))
    detail = f"{source.name}: it changed while it was read; `resume` predicts it again"
    return replace(row, error=FileFault.CHANGED_WHILE_READ, detail=detail)
