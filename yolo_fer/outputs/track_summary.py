"""One row for each tracked face: when it was there and what it showed."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from yolo_fer.outputs.sink import writing
from yolo_fer.outputs.text import TextSink
from yolo_fer.predict.predicted import Predicted
from yolo_fer.predict.summary import SUMMARY_COLUMNS, TrackSummaries


def write_summaries(file: TextIO, summaries: TrackSummaries) -> None:
    """Write a header and a row of `SUMMARY_COLUMNS` for each track."""
    rows = csv.DictWriter(file, SUMMARY_COLUMNS, lineterminator="\n")
    rows.writeheader()
    rows.writerows(summary.to_row() for summary in summaries.finished())


class SummarySink(TextSink):
    """A CSV file with a row for each track, written at the end; see `TrackSummary`.

    Faces without a track number, and those of images, are left out.

    Args:
        target: a file, or `-` for standard output.
        overwrite: replace a file that exists.

    Raises:
        UsageError: if the file exists, or, on entering, cannot be written.
    """

    def __init__(self, target: Path | str, overwrite: bool = False) -> None:
        super().__init__(target, overwrite)
        self._summaries = TrackSummaries()

    def write(self, predicted: Predicted) -> None:
        """Add one frame."""
        self._summaries.add(predicted.prediction)

    def __exit__(self, *error: object) -> None:
        """Write the rows, also of a run that was broken off, and close the file."""
        try:
            with writing(self.target):
                write_summaries(self.file, self._summaries)
                self.file.flush()
        finally:
            super().__exit__(*error)
