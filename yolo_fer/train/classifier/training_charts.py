"""The charts of a classifier's training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from yolo_fer.evaluate.charts import draw_confusion, new_figure
from yolo_fer.evaluate.classifier_scores import Scores
from yolo_fer.images import write_figure
from yolo_fer.paths import escaped
from yolo_fer.train.classifier.training import Epoch

_DPI = 130


def draw_curves(history: Sequence[Epoch], title: str, path: Path) -> None:
    """Draw the losses and the validation accuracy over the epochs."""
    figure, losses = new_figure(8.0, 5.0)
    epochs = [epoch.epoch for epoch in history]
    best = min(history, key=lambda epoch: epoch.val_loss)
    losses.plot(epochs, [e.train_loss for e in history], ".-", color="#E69F00", label="training")
    losses.plot(epochs, [e.val_loss for e in history], ".-", color="#0072B2", label="validation")
    losses.axvline(best.epoch, color="grey", linestyle=":", label=f"kept: epoch {best.epoch}")
    losses.set(xlabel="epoch", ylabel="cross-entropy")
    losses.xaxis.set_major_locator(MaxNLocator(integer=True))
    losses.grid(alpha=0.3)
    shares = losses.twinx()
    accuracy = [100 * epoch.val_accuracy for epoch in history]
    shares.plot(epochs, accuracy, ".--", color="#009E73", label="validation accuracy, right axis")
    shares.set_ylabel("accuracy, %")
    lines = [*losses.get_lines(), *shares.get_lines()]
    losses.legend(lines, [str(line.get_label()) for line in lines], loc="center right")
    losses.set_title(escaped(title), parse_math=False)
    write_figure(path, figure, _DPI)


def draw_scores(scores: Scores, title: str, path: Path) -> None:
    """Draw the confusion matrix."""
    names = [c.name for c in scores.classes]
    draw_confusion(np.array(scores.confusion), names, names, title, path)
