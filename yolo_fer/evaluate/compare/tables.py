"""The comparison as a table: for a person, for Markdown and as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yolo_fer.evaluate.compare.comparison import Comparison, Row
from yolo_fer.evaluate.compare.crowds import FRAMES, HEIGHT, WIDTH
from yolo_fer.evaluate.compare.timing import FACES
from yolo_fer.evaluate.environment import environment, one_line
from yolo_fer.evaluate.report import percent
from yolo_fer.evaluate.text_table import text_table
from yolo_fer.files import write_atomically
from yolo_fer.paths import ESCAPE

if TYPE_CHECKING:
    from rich.console import Console

# of metrics.json, as percentages
_FIGURES = {
    "face_ap50": "face AP50",
    "map50": "mAP50",
    "map50_strict": "strict mAP50",
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
}
_MANY_MISSED = 0.95  # a smaller share of found faces is worth a word next to an accuracy
COLUMNS = (
    "system",
    *_FIGURES.values(),
    *(f"ms, {faces} {'face' if faces == 1 else 'faces'}" for faces in FACES),
    "MB",
)

_BROKEN = {"accuracy": "accu-\nracy", "macro-F1": "macro\n-F1"}


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as text, in the order of `COLUMNS`."""
    return (
        row.system.name,
        *(percent(_number(row.figures[key])) for key in _FIGURES),
        *(f"{timing.median:.3g}" for timing in row.timings),
        f"{row.system.record.weights_bytes / 1e6:.1f}",
    )


def best_cells(rows: Sequence[Row]) -> list[set[int]]:
    """Return for each row the columns in which no other is better."""
    high = [[_number(row.figures[key]) for row in rows] for key in _FIGURES]
    low = [[row.timings[i].median for row in rows] for i in range(len(FACES))]
    low.append([float(row.system.record.weights_bytes) for row in rows])
    best: list[set[int]] = [set() for _ in rows]
    columns = [[-value for value in column] for column in high] + low
    for number, column in enumerate(columns, start=1):
        known = [value for value in column if not math.isnan(value)]
        for row, value in enumerate(column):
            if known and value == min(known):
                best[row].add(number)
    return best


def notes(comparison: Comparison) -> list[str]:
    """Return what has to be known to read the table."""
    first, options = comparison.rows[0], comparison.options
    figures = first.figures
    lines = [
        f"{comparison.data}, split {comparison.split}: {figures['images']} images, "
        f"{figures['faces']} labelled faces; sha256 of images and labels "
        f"{comparison.images_sha256[:12]}. Detectors see {options.imgsz} pixels at the longer "
        "side, face finders at most so many, since they enlarge nothing. Figures in %.",
        "Weights (sha256): "
        + "; ".join(f"{row.system.name} {_hashes(row, 8)}" for row in comparison.rows)
        + ".",
        f"Milliseconds for a frame of {WIDTH}x{HEIGHT} in memory, {FRAMES} frames, median of "
        f"{len(first.timings[0].milliseconds)} rounds in which all systems took turns; "
        f"device {options.device}, threads {options.threads}.",
    ]
    missed = [
        f"{row.system.name} {percent(row.figures['found'])} %"
        for row in comparison.rows
        if row.figures["found"] < _MANY_MISSED
    ]
    if missed:
        lines.append(
            "Accuracy and macro-F1 are those of the faces that a system found, which are not all: "
            f"{', '.join(missed)}."
        )
    uneven = [
        f"{row.system.name} {row.timings[-1].found:.1f}"
        for row in comparison.rows
        if abs(row.timings[-1].found - FACES[-1]) > FACES[-1] / 10
    ]
    if uneven:
        lines.append(
            f"Of the {FACES[-1]} faces of a timed frame other numbers were found, and named, by "
            f"{', '.join(uneven)}."
        )
    return lines


def troubles_of_data(comparison: Comparison) -> list[str]:
    """Return what is wrong with the images and labels that all systems were measured on."""
    figures = comparison.rows[0].figures
    found = list(figures["warnings"])
    for key, what in (("skipped", "images left out"), ("bad_labels", "bad label rows")):
        found += [f"{what}: {count} {reason}" for reason, count in figures[key].items()]
    return found


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print the table; what is best in a column is bold."""
    from rich.markup import escape

    # Headings are broken in two, so that the table fits the 80 columns of a pipe.
    headings = [_BROKEN.get(text, "\n".join(text.rsplit(" ", 1))) for text in COLUMNS[1:]]
    table = text_table(None, COLUMNS[0], headings, padding=0)
    for row, best in zip(comparison.rows, best_cells(comparison.rows), strict=True):
        name, *figures = cells(row)
        marked = (f"[bold]{t}[/]" if i in best else t for i, t in enumerate(figures, start=1))
        table.add_row(escape(name), *marked)
    console.print(table)
    for line in notes(comparison):
        console.print(line, soft_wrap=True, highlight=False, markup=False)


def write_tables(folder: Path, comparison: Comparison) -> None:
    """Write comparison.csv and comparison.md."""
    _write_csv(folder / "comparison.csv", comparison)
    _write_markdown(folder / "comparison.md", comparison)


def _write_markdown(path: Path, comparison: Comparison) -> None:
    """Write the table as Markdown, with the notes and the environment below it."""
    lines = [_markdown_row(COLUMNS), _markdown_row(["---"] + ["--:"] * (len(COLUMNS) - 1))]
    for row, best in zip(comparison.rows, best_cells(comparison.rows), strict=True):
        text = cells(row)
        lines.append(_markdown_row([f"**{t}**" if i in best else t for i, t in enumerate(text)]))
    unavailable = [f"Not compared: {a.name}: {a.reason}" for a in comparison.unavailable]
    where = one_line(environment())
    for line in (*notes(comparison), *troubles_of_data(comparison), *unavailable, where):
        lines += ["", line]
    write_atomically(path, ("\n".join(lines) + "\n").encode("utf-8", ESCAPE))


def _markdown_row(texts: Sequence[str]) -> str:
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in texts)} |"


def _write_csv(path: Path, comparison: Comparison) -> None:
    """Write every figure, with intervals, ratios to the first system and found faces.

    Shares lie between 0 and 1; a figure that is not defined is empty. A system that could not be
    compared has a row with an error.
    """
    rows = [_csv_row(row) for row in comparison.rows]
    rows += [{"system": a.name, "error": a.reason} for a in comparison.unavailable]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*rows[0], "error"], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(path, text.getvalue().encode("utf-8", ESCAPE))


def _csv_row(row: Row) -> dict[str, Any]:
    figures = row.figures
    line: dict[str, Any] = {"system": row.system.name}
    for key in _FIGURES:
        line[key] = figures[key]
        if f"{key}_interval" in figures:
            line[f"{key}_low"], line[f"{key}_high"] = figures[f"{key}_interval"] or ("", "")
    line["found"] = figures["found"]
    for timing in row.timings:
        line[f"ms_{timing.faces}"] = round(timing.median, 4)
        line[f"ratio_{timing.faces}"] = round(timing.ratio, 4)
        line[f"found_{timing.faces}"] = timing.found
    line["bytes"] = row.system.record.weights_bytes
    line["sha256"] = _hashes(row)
    return line


def _hashes(row: Row, length: int = 64) -> str:
    """Return the hashes of all networks of a system."""
    return " + ".join(part.weights_sha256[:length] for part in row.system.record.networks)


def _number(value: float | None) -> float:
    return math.nan if value is None else value
