"""What a trained cascade reaches on FER2013: measured with the file that was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolo_fer.crops.crop_set import Crops
from yolo_fer.evaluate.classifier_scores import score
from yolo_fer.evaluate.classifiers import as_images
from yolo_fer.faces.margin import widen_view
from yolo_fer.faces.mtcnn.cascade import Cascade
from yolo_fer.faces.mtcnn.geometry import squares
from yolo_fer.train.mtcnn.training_images import filled
from yolo_fer.train.report import write_report
from yolo_fer.train.training_files import Row


def name_crops(cascade: Cascade, crops: Crops) -> tuple[NDArray[np.float32], int]:
    """Let a cascade find and name the faces of FER2013.

    A face that it does not find is named where FER2013's faces usually are, so that missing the
    hard ones gains nothing.

    Returns:
        (N, 7) probabilities, and how many faces were not found.
    """
    named = np.zeros((len(crops), len(cascade.names)), np.float32)
    missed = 0
    usual = squares(filled(np.full((1, 4), np.nan), crops.pixels.shape[-1]))
    for row, image in enumerate(as_images(crops.pixels)):
        view, scale, margin = widen_view(image)
        found = cascade.find(view).emotions
        missed += not len(found)
        named[row] = (found if len(found) else cascade.name_faces(view, usual * scale + margin))[0]
    return named, missed


def report_cascade(
    cascade: Cascade,
    logs: Mapping[str, Sequence[Row]],
    fer: Mapping[str, Crops],
    folder: Path,
    on_message: Callable[[str], None],
) -> None:
    """Write metrics.json, curves.png and confusion.png of a finished joint training."""
    measured, missed = {}, {}
    for split in ("val", "test"):
        if len(fer[split]):
            named, missed[split] = name_crops(cascade, fer[split])
            measured[split] = score(fer[split].labels, named, cascade.names)
    content = {
        "weights_sha256": cascade.weights_sha256,
        "epochs": {name: len(log) for name, log in logs.items()},
        **{s: {**scores.to_json(), "not_found": missed[s]} for s, scores in measured.items()},
    }
    title = "MTCNN with expressions on FER2013"
    write_report(folder, title, logs, measured, content, on_message)
