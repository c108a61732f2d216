"""The folder of one evaluation: its name, and the two JSON files in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from yolo_fer.boxes import xyxy_to_xywh
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.evaluate.metrics import Metrics
from yolo_fer.evaluate.observations import Observations
from yolo_fer.files import write_json
from yolo_fer.paths import temporary_beside
from yolo_fer.runtime.folder_lock import holds_something, locked


@contextmanager
def run_folder(
    out: Path | None,
    parent: Path = Path("runs/detect"),
    name: str = "val",
    *,
    resume: bool = False,
) -> Iterator[Path]:
    """Make the folder of a run, and remove it if the run ends without having written anything.

    Meanwhile no other process writes there.

    Args:
        out: the folder, new or empty; None takes the first free one of `val`, `val2`, `val3`, ….
        parent: the folder that holds the numbered folders.
        name: what they are called.
        resume: go on in `out`, which then need not be empty.

    Raises:
        UsageError: if `out` is a file or not empty, or another process writes there.
        YoloFerError: if the folder cannot be made.
    """
    folder = _make(out, parent, name)
    try:
        with locked(folder):
            if not resume and holds_something(folder):
                raise UsageError(f"`out={folder}` is not an empty folder; give a new one")
            yield folder
    finally:
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()


def _make(out: Path | None, parent: Path, name: str) -> Path:
    try:
        if out is None:
            return _make_numbered(parent, name)
        if out.exists() and not out.is_dir():
            raise UsageError(f"`out={out}` is not an empty folder; give a new one")
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise YoloFerError(f"cannot make the folder {error.filename}: {error.strerror}") from error
    return out


def _make_numbered(parent: Path, name: str) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        folder = parent / (name if number == 1 else f"{name}{number}")
        try:
            folder.mkdir()  # making it is the test: two runs at once never share a folder
        except FileExistsError:
            continue
        return folder
    raise AssertionError("count never ends")


def write_metrics(path: Path, metrics: Metrics) -> None:
    """Write metrics.json; a figure that is not defined is null."""
    write_json(path, metrics.to_json())


def write_predictions(path: Path, seen: Observations) -> None:
    """Write predictions.json: COCO results, one for each score of a box that is above 0.

    The ids of images and categories are those of the set's COCO file; pycocotools gives the same
    average precisions for the two files as are in metrics.json, if `dataset.coco.for_pycocotools`
    prepares the set's. `file_name` says which image it is where there is no COCO file.
    """
    temporary = temporary_beside(path)
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write("[")
            for number, line in enumerate(_results(seen)):
                file.write(("\n" if number == 0 else ",\n") + line)
            file.write("\n]\n")
        temporary.replace(path)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)  # of a disk that is full


def _results(seen: Observations) -> Iterator[str]:
    heads = [
        f'{{"image_id": {image.image_id}, "file_name": {json.dumps(image.name)}'
        for image in seen.images
    ]
    boxes = xyxy_to_xywh(seen.boxes).round(2).tolist()
    rows = zip(seen.box_image.tolist(), boxes, seen.scores.tolist(), strict=True)
    for image, box, scores in rows:
        for emotion in Emotion:
            if scores[emotion] > 0:
                yield (
                    f'{heads[image]}, "category_id": {emotion + 1}, "bbox": {box}, '
                    f'"score": {scores[emotion]}}}'
                )
