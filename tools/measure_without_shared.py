"""Measure a detector with and without the faces that FER2013 holds, too.

Stock photographs stand in several datasets. Who trains on one of them and measures on another has
to know what that is worth.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from tools.shipping.overlap import find_shared
from tools.shipping.pictures import Picture, to_grey
from tools.shipping.pools import fer_crops
from yolo_fer import images
from yolo_fer.cli.console import errors_as_status, progress
from yolo_fer.dataset.evaluation_set import read_evaluation_set
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.detector import Detector
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.confusion import name_faces
from yolo_fer.evaluate.matching import IOU_THRESHOLDS, Problem, match
from yolo_fer.evaluate.observations import Observations, observe


def main(
    data: Annotated[Path, typer.Argument(help="data.yaml of ExpW, converted.")],
    table: Annotated[Path, typer.Argument(help="fer2013.csv, also compressed.")],
    votes: Annotated[Path, typer.Argument(help="fer2013new.csv of FER+.")],
    weights: Annotated[str, typer.Option(help="A detector, by file or name.")] = "yolo-fer-n.onnx",
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
) -> None:
    """Print both."""
    dataset = read_evaluation_set(data, split)
    skipped: Counter[str] = Counter()
    seen = observe(
        Detector(weights, conf=0.001), dataset, batch=16, skipped=skipped, progress=progress
    )
    crops = [crop for part in ("train", "val") for crop in fer_crops(table, votes, part)]
    faces = np.flatnonzero(seen.labelled).tolist()
    shared = {faces[pair.picture] for pair in find_shared(crops, [_face(seen, f) for f in faces])}
    without = seen.truth_emotions.copy()
    without[list(shared)] = IGNORED
    only = np.where(np.isin(np.arange(len(without)), list(shared)), seen.truth_emotions, IGNORED)
    typer.echo(f"{len(shared)} of {len(faces)} labelled faces are in {table.name}, too")
    for title, emotions in (("all", seen.truth_emotions), ("without them", without)):
        typer.echo(f"{title}: {_figures(replace(seen, truth_emotions=emotions))}")
    typer.echo(f"them alone: {_accuracy(replace(seen, truth_emotions=only))}")


def _face(seen: Observations, face: int) -> Picture:
    path = seen.images[seen.truth_image[face]].path
    box = seen.truth_boxes[face : face + 1].astype(np.float32)
    unknown = np.full((1, len(Emotion)), np.nan, np.float32)
    return Picture(str(path), to_grey(images.read(path)), box, unknown)


def _figures(seen: Observations) -> str:
    problem = Problem.of_faces(seen)
    emotions = match(Problem.of_emotions(seen)).average_precision(0)
    face = match(problem).average_precision(0)
    return (
        f"mAP50 {100 * np.nanmean(emotions):.1f} %, face AP50 {100 * np.mean(face):.1f} %, "
        f"{_accuracy(seen)}"
    )


def _accuracy(seen: Observations) -> str:
    naming = name_faces(seen, match(Problem.of_faces(seen), IOU_THRESHOLDS[:1]))
    accuracy = naming.accuracy(np.ones(len(seen.images)))
    return f"accuracy {100 * accuracy:.1f} % of {len(naming.truth)} faces"


if __name__ == "__main__":
    with errors_as_status():
        typer.run(main)
