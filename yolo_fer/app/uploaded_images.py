"""Images that a visitor uploaded: what was found in them, to look at and to take away."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from yolo_fer.images import read_reduced
from yolo_fer.inputs.image_bytes import Decoded
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.outputs import AnnotatedImageSink, CsvSink, JsonLinesSink, Sink
from yolo_fer.predict.image_files import predict_images
from yolo_fer.predict.predicted import Predicted
from yolo_fer.predict.read_ahead import Take
from yolo_fer.results import Prediction, Predictor


@dataclass(frozen=True, slots=True)
class UploadedImagesResult:
    """What was found in some images.

    Args:
        predictions: the prediction of each upload, in order; one with an error has no faces.
        pictures: the annotated copy of each, None where there is an error.
        json: a line for each image.
        csv: a row for each face.
        annotated: the one annotated copy, or a zip archive of all; None if no image was readable.
    """

    predictions: tuple[Prediction, ...]
    pictures: tuple[Path | None, ...]
    json: Path
    csv: Path
    annotated: Path | None


def predict_uploaded_images(
    paths: Sequence[Path],
    predictor: Predictor,
    folder: Path,
    *,
    blur: bool,
    read: Callable[[Path, Take | None], Decoded] = read_reduced,
) -> UploadedImagesResult:
    """Find the faces of images and write the results.

    Args:
        paths: the paths of the images.
        predictor: the system that finds the faces.
        folder: the empty folder that the results are written to.
        blur: hide the faces in the annotated copies.
        read: the function that reads an image.
    """
    inputs = [
        ImageInput(path, path.name, PurePosixPath(f"{number:02d}") / path.name)
        for number, path in enumerate(paths, start=1)
    ]
    json, csv, copies = folder / "faces.jsonl", folder / "faces.csv", folder / "annotated"
    predictions: list[Prediction] = []
    with ExitStack() as stack:
        sinks: list[Sink] = [
            stack.enter_context(JsonLinesSink(str(json))),
            stack.enter_context(CsvSink(str(csv))),
            stack.enter_context(AnnotatedImageSink(copies, inputs, blur=blur)),
        ]
        found = predict_images(predictor, inputs, lambda item, take: read(item.path, take))
        for predicted in map(_without_path, found):
            predictions.append(predicted.prediction)
            for sink in sinks:
                sink.write(predicted)
    pictures = tuple(_only_file(copies / item.target.parent) for item in inputs)
    return UploadedImagesResult(tuple(predictions), pictures, json, csv, _bundle(pictures, folder))


def _without_path(predicted: Predicted) -> Predicted:
    """Name the file in an error as its visitor does, who shall not see our folders."""
    prediction, item = predicted.prediction, predicted.input
    if prediction.error is None or item is None:
        return predicted
    error = prediction.error.replace(str(item.path), item.source)
    return replace(predicted, prediction=replace(prediction, error=error))


def _only_file(folder: Path) -> Path | None:
    return next(iter(folder.iterdir()), None) if folder.is_dir() else None


def _bundle(pictures: Sequence[Path | None], folder: Path) -> Path | None:
    there = [picture for picture in pictures if picture is not None]
    if len(there) < 2:
        return there[0] if there else None
    return Path(shutil.make_archive(str(folder / "annotated"), "zip", folder / "annotated"))
