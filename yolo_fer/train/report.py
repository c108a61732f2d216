"""What the training of a classifier leaves to read: curves, a confusion matrix and its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from yolo_fer.evaluate.charts import draw_confusion, new_figure
from yolo_fer.evaluate.classifier_scores import Scores, summarise
from yolo_fer.files import write_figure, write_json
from yolo_fer.paths import escaped
from yolo_fer.train.training_files import Row
from yolo_fer.train.training_run import METRICS

_DPI = 130
_COLOURS = ("#0072B2", "#E69F00", "#009E73")


def write_report(
    folder: Path,
    title: str,
    logs: Mapping[str, Sequence[Row]],
    measured: Mapping[str, Scores],
    content: Mapping[str, Any],
    on_message: Callable[[str], None],
) -> None:
    """Write curves.png, confusion.png and metrics.json, and tell the scores.

    Args:
        folder: the folder of the run.
        title: the title of the charts.
        logs: the epochs of each network.
        measured: the scores of the validation and the test split; the test may be missing.
        content: the content of metrics.json.
        on_message: told the scores.
    """
    on_message(summarise(measured))
    _draw_curves(logs, title, folder / "curves.png")
    last = "test" if "test" in measured else "val"
    names = [c.name for c in measured[last].classes]
    counts = np.array(measured[last].confusion)
    draw_confusion(counts, names, names, f"{title} ({last})", folder / "confusion.png")
    write_json(folder / METRICS, dict(content))


def _draw_curves(logs: Mapping[str, Sequence[Row]], title: str, path: Path) -> None:
    """Draw the losses and the validation accuracy of each network over the epochs."""
    figure, losses = new_figure(8.0, 5.0)
    shares = losses.twinx()
    for (name, log), colour in zip(logs.items(), _COLOURS, strict=False):
        epochs = [row["epoch"] for row in log]
        if "train_loss" in log[0]:
            trained = [row["train_loss"] for row in log]
            losses.plot(epochs, trained, ":", color=colour, label=f"{name}, training loss")
        seen = [row["val_loss"] for row in log]
        losses.plot(epochs, seen, ".-", color=colour, label=f"{name}, validation loss")
        best = epochs[int(np.argmin(seen))]
        losses.axvline(best, color=colour, alpha=0.4, label=f"{name}, kept: epoch {best}")
        accuracy = [100 * row["val_accuracy"] for row in log]
        shares.plot(epochs, accuracy, "--", color=colour, label=f"{name}, accuracy")
    losses.set(xlabel="epoch", ylabel="cross-entropy")
    losses.xaxis.set_major_locator(MaxNLocator(integer=True))
    losses.grid(alpha=0.3)
    shares.set_ylabel("accuracy on validation faces, % (dashed)")
    lines = [*losses.get_lines(), *shares.get_lines()]
    losses.legend(lines, [str(line.get_label()) for line in lines], loc="center right")
    losses.set_title(escaped(title))
    write_figure(path, figure, _DPI)
