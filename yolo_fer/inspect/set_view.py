"""`view`: contact sheets and plots of a converted set, so that a mistake is seen in time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yolo_fer import images
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.errors import UsageError, YoloFerError, needs_extra
from yolo_fer.files import write_atomically
from yolo_fer.inspect.sampling import sample_faces
from yolo_fer.inspect.sheets import draw_sheet
from yolo_fer.paths import resolved
from yolo_fer.runtime.executor import Progress, no_progress


def view_set(
    root: Path,
    out: Path,
    *,
    split: str | None = None,
    samples: int = 24,
    seed: int = 0,
    progress: Progress[Any] = no_progress,
) -> list[Path]:
    """Draw a contact sheet for each emotion and split, one of ignored faces, and the plots.

    Args:
        root: a folder that `convert` or `merge` wrote.
        out: an existing folder for the pictures.
        split: the only split that is shown; None shows all.
        samples: the number of faces on a sheet, chosen at random.
        seed: the seed of the choice of faces.
        progress: a function that wraps an iterable of known length to show how far it is.

    Returns:
        The files: `{split}_{emotion}.jpg`, `{split}_ignored.jpg` and `plots.png`; a sheet that
        would be empty is left out.

    Raises:
        UsageError: if there is no such split.
        YoloFerError: if it is no converted set, or has no face.
        MissingExtraError: if matplotlib is not installed.
    """
    if split is not None and split not in SPLITS:
        raise UsageError(f"`split={split}`: choose one of {', '.join(SPLITS)}")
    with needs_extra("train", "drawing plots"):
        from yolo_fer.inspect.plots import draw_plots
    splits = SPLITS if split is None else (split,)
    converted = open_converted_set(root)
    drawn = sample_faces(converted, splits, samples, seed)
    if not drawn.figures.side:
        raise YoloFerError(f"{root}: no labelled face in {', '.join(splits)}")
    name = resolved(root).name
    files = []
    sheets = [(*key, face_samples.drawn()) for key, face_samples in drawn.face_samples.items()]
    for part, emotion, sampled_faces in progress(sheets, "drawing sheets", len(sheets)):
        if not sampled_faces:
            continue
        kind = emotion.label if emotion is not None else "ignored"
        figures = drawn.figures
        there = figures.ignored[part] if emotion is None else figures.counts[part, emotion]
        title = f"{name}, {part}: {kind} ({len(sampled_faces)} of {there} faces)"
        files.append(out / f"{part}_{kind}.jpg")
        sheet = draw_sheet(sampled_faces, title)
        write_atomically(files[-1], images.encode_jpeg(sheet))
    files.append(out / "plots.png")
    draw_plots(drawn.figures, splits, name, files[-1])
    return files
