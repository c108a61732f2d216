"""What a trained cascade reaches on FER2013: measured with the file that was written, and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from yolo_fer.convert.crop_set import Crops
from yolo_fer.evaluate.charts import new_figure
from yolo_fer.evaluate.classifier_scores import score, summarise
from yolo_fer.faces.margin import widen_view
from yolo_fer.faces.mtcnn.cascade import Cascade
from yolo_fer.faces.mtcnn.geometry import squares
from yolo_fer.images import write_figure, write_json
from yolo_fer.train.classifier.training_charts import draw_scores
from yolo_fer.train.mtcnn.stage import read_history
from yolo_fer.train.mtcnn.training_images import as_images, filled

_DPI = 130
_COLOURS = {"pnet": "#E69F00", "rnet": "#56B4E9", "onet": "#0072B2"}


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
    for row, image in enumerate(as_images(crops)):
        view, scale, margin = widen_view(image)
        found = cascade.find(view).emotions
        missed += not len(found)
        named[row] = (found if len(found) else cascade.name_faces(view, usual * scale + margin))[0]
    return named, missed


def write_report(
    cascade: Cascade,
    checkpoints: Mapping[str, Path],
    fer: Mapping[str, Crops],
    folder: Path,
    on_message: Callable[[str], None],
) -> None:
    """Write metrics.json, curves.png and confusion.png of a finished training."""
    measured, missed = {}, {}
    for split in ("val", "test"):
        if len(fer[split]):
            named, missed[split] = name_crops(cascade, fer[split])
            measured[split] = score(fer[split].labels, named, cascade.names)
    on_message(summarise(measured))
    last = "test" if "test" in measured else "val"
    draw_scores(
        measured[last], f"MTCNN with expressions on FER2013 ({last})", folder / "confusion.png"
    )
    _draw_curves(checkpoints, folder / "curves.png")
    write_json(
        folder / "metrics.json",
        {
            "weights_sha256": cascade.weights_sha256,
            "epochs": {name: len(read_history(path)) for name, path in checkpoints.items()},
            **{s: {**scores.to_json(), "not_found": missed[s]} for s, scores in measured.items()},
        },
    )


def _draw_curves(checkpoints: Mapping[str, Path], path: Path) -> None:
    """Draw the emotion's losses and accuracies of the three networks over the epochs."""
    figure, axes = new_figure(8.0, 5.0)
    shares = axes.twinx()
    for name, checkpoint in checkpoints.items():
        history = read_history(checkpoint)
        epochs = [epoch.epoch for epoch in history]
        colour = _COLOURS[name]
        axes.plot(epochs, [e.val_loss for e in history], color=colour, label=f"{name}, loss")
        accuracy = [100 * e.val_accuracy for e in history]
        shares.plot(epochs, accuracy, "--", color=colour, label=f"{name}, accuracy")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="epoch", ylabel="cross-entropy on validation faces")
    shares.set_ylabel("accuracy on validation faces, % (dashed)")
    lines = [*axes.get_lines(), *shares.get_lines()]
    axes.legend(lines, [str(line.get_label()) for line in lines], loc="center right")
    axes.grid(alpha=0.3)
    axes.set_title("Joint training on FER2013 and photographs: the expression")
    write_figure(path, figure, _DPI)
