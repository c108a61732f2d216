"""What the tabs for uploads share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yolo_fer.app.limits import Limits
from yolo_fer.app.reading import ReadingProcesses
from yolo_fer.app.result_files import Results
from yolo_fer.results import Predictor


@dataclass(frozen=True, slots=True)
class UploadContext:
    """What uploads are worked on with.

    Args:
        predictor: the system that finds the faces.
        limits: the limits of uploads, in bytes, seconds and images.
        results: the folders of results, by visitor.
        folder: the folder in which Gradio stores uploads.
        processes: the processes that decode images.
    """

    predictor: Predictor
    limits: Limits
    results: Results
    folder: Path
    processes: ReadingProcesses
