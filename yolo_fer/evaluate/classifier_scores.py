"""How well a classifier names the faces of a set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from yolo_fer.evaluate.metrics import without_nan
from yolo_fer.evaluate.report import percent
from yolo_fer.evaluate.text_table import text_table

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class ClassScores:
    """The figures of one class, in 0 to 1; NaN where there is nothing to divide by."""

    name: str
    faces: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures of one classifier on one set.

    Args:
        accuracy: share of the faces that are named right.
        precision: mean over the classes that have faces; a class that is never named counts 0.
        recall: mean over the classes that have faces.
        macro_f1: the mean of the F1 scores of all classes, 0 to 1.
        classes: the scores of each class, in the order of the classifier's outputs.
        confusion: rows are true classes, columns what they were named.
    """

    accuracy: float
    precision: float
    recall: float
    macro_f1: float
    classes: tuple[ClassScores, ...]
    confusion: tuple[tuple[int, ...], ...]

    @property
    def faces(self) -> int:
        """How many faces there were."""
        return sum(c.faces for c in self.classes)

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON has them; one that is not defined is null."""
        content = {
            "faces": self.faces,
            "accuracy": self.accuracy,
            "precision": self.precision,
            "recall": self.recall,
            "macro_f1": self.macro_f1,
            "classes": {c.name: _figures(c) for c in self.classes},
            "confusion": {
                c.name: dict(zip((n.name for n in self.classes), row, strict=True))
                for c, row in zip(self.classes, self.confusion, strict=True)
            },
        }
        return dict(without_nan(content))


def _figures(scores: ClassScores) -> dict[str, float]:
    return {key: value for key, value in asdict(scores).items() if key != "name"}


def score(
    labels: NDArray[np.intp], probabilities: NDArray[np.float32], names: tuple[str, ...]
) -> Scores:
    """Compare what a classifier says with the labels.

    Args:
        labels: (N,) true classes, N at least 1.
        probabilities: (N, C) of the classifier.
        names: the names of the C classes.
    """
    confusion = np.zeros((len(names), len(names)), np.int64)
    np.add.at(confusion, (labels, probabilities.argmax(axis=1)), 1)
    right, faces, named = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    recall, precision = _share(right, faces), _share(right, named)
    f1 = _share(2 * right, faces + named)
    present = faces > 0
    return Scores(
        accuracy=float(right.sum() / faces.sum()),
        precision=float(np.nan_to_num(precision[present]).mean()),
        recall=float(recall[present].mean()),
        macro_f1=float(f1[present].mean()),
        classes=tuple(
            ClassScores(name, int(faces[i]), float(precision[i]), float(recall[i]), float(f1[i]))
            for i, name in enumerate(names)
        ),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
    )


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def print_scores(scores: Scores, title: str, console: Console) -> None:
    """Print the classes, the confusion matrix and the totals."""
    from rich.markup import escape

    table = text_table(escape(title), "emotion", ("faces", "precision", "recall", "F1"))
    for c in scores.classes:
        table.add_row(c.name, str(c.faces), *map(percent, (c.precision, c.recall, c.f1)))
    table.add_section()
    means = (scores.precision, scores.recall, scores.macro_f1)
    table.add_row("mean", str(scores.faces), *map(percent, means))
    names = [c.name[:8] for c in scores.classes]  # eight of them fit a screen
    matrix = text_table("what the faces of a row were named", "emotion", names)
    for c, row in zip(scores.classes, scores.confusion, strict=True):
        matrix.add_row(c.name, *map(str, row))
    console.print(table)
    console.print(matrix)
    console.print(
        f"accuracy {percent(scores.accuracy)} %   macro-F1 {percent(scores.macro_f1)} %",
        soft_wrap=True,
        highlight=False,
    )


def summarise(figures: Mapping[str, Scores]) -> str:
    """Return a line with the accuracy and macro-F1 of several sets."""
    return "; ".join(
        f"{name}: accuracy {percent(s.accuracy)} %, macro-F1 {percent(s.macro_f1)} %, "
        f"{s.faces} faces"
        for name, s in figures.items()
    )
