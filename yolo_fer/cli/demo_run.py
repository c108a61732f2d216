"""The whole job on drawn data: convert, train, validate, predict, and look at the results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolo_fer.cli.demo_picture import draw_overview
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.options import Run
from yolo_fer.detector import Detector
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.evaluate import evaluate
from yolo_fer.evaluate.metrics import Metrics
from yolo_fer.evaluate.options import EvaluationOptions, Origin
from yolo_fer.inputs.listing import collect_images
from yolo_fer.outputs import AnnotatedImageSink, JsonLinesSink
from yolo_fer.predict.image_files import predict_images
from yolo_fer.results import Prediction
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.synthetic.drawn_expw import write_expw
from yolo_fer.train.detector.options import TrainOptions
from yolo_fer.train.detector.training import train
from yolo_fer.weights.hashes import hash_weights
from yolo_fer.weights.store import default_detector, resolve

IMAGES = 480
IMGSZ = 224
EPOCHS = 8
_FINDS = 0.5  # AP50 of finding faces


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demo made.

    Args:
        folder: the folder that holds everything.
        data: the converted set's data.yaml.
        weights: the trained checkpoint.
        metrics: the metrics of the weights on the drawn test images.
        photograph: what the shipped weights say of a real photograph, None if there are none.
        picture: the file to look at first.
        seconds: that each step took.
    """

    folder: Path
    data: Path
    weights: Path
    metrics: Metrics
    photograph: Prediction | None
    picture: Path
    seconds: dict[str, float]


def run_demo(
    folder: Path,
    *,
    images: int = IMAGES,
    epochs: int = EPOCHS,
    say: Callable[[str], None] = print,
    show_trainer: bool = False,
    progress: Progress[Any] = no_progress,
) -> DemoResult:
    """Draw scenes, convert them, train, validate and predict; then name a real photograph's faces.

    Args:
        folder: an existing empty folder.
        images: scenes to draw.
        epochs: the number of epochs of the training.
        say: is told what happens.
        show_trainer: print the trainer's own log, and not a line for each epoch.
        progress: wraps an iterable of known length to show how far it is.

    Raises:
        MissingExtraError: if an extra is not installed.
    """
    seconds: dict[str, float] = {}
    with _step("Drawing scenes of faces in ExpW's layout", seconds, say):
        drawn = write_expw(folder / "raw", images, seed=0)
        say(f"  {drawn.images} images, {drawn.rows} label rows, {drawn.unlabelled} faces without")
    with _step("Converting them: copies merged, unlabelled faces masked", seconds, say):
        everywhere = Run(workers=0, progress=progress)
        report = convert_expw(folder / "raw", folder / "expw", ExpwOptions(), everywhere)
        assert report is not None  # noqa: S101  # only a resumed conversion has nothing to do
        say(f"  {report['faces_out']} faces in {report['images_out']} images")
    data = folder / "expw" / "data.yaml"
    with _step(f"Training a tiny YOLO, each emotion a class, {epochs} epochs", seconds, say):
        start = _start()
        settings = {
            "epochs": epochs,
            "imgsz": IMGSZ,
            "batch": 16,
            "close_mosaic": 2,
            "warmup_epochs": 1.0,
            "project": str(folder),
            "name": "train",
            "verbose": False,
        }
        options = TrainOptions(start=start, device="cpu", settings=settings)
        run = train(data, options, None if show_trainer else lambda line: say(f"  {line}"))
        weights = run / "weights" / "best.pt"
    with _step("Measuring it on test scenes it never saw", seconds, say):
        threshold = _threshold(weights, data, progress)
        say(f"  a face counts from a score of {threshold:.2g} on, as is best for validation")
        (folder / "val").mkdir()
        metrics = evaluate(
            Detector(weights, conf=0.001),
            data,
            "test",
            EvaluationOptions(resamples=200, threshold=threshold),
            out=folder / "val",
            origin=Origin(
                hash_weights(weights),
                f"yolo-fer val {data} --weights {weights} --split test --conf {threshold:.3g}",
            ),
            progress=progress,
        )
    with _step("Naming the faces of the test scenes", seconds, say):
        detector = Detector(weights, conf=threshold)
        inputs = collect_images([str(folder / "expw" / "images" / "test")])
        with ExitStack() as stack:
            pictures = stack.enter_context(AnnotatedImageSink(folder / "predictions", inputs))
            lines = stack.enter_context(JsonLinesSink(str(folder / "predictions.jsonl")))
            for predicted in progress(predict_images(detector, inputs), "predict", len(inputs)):
                pictures.write(predicted)
                lines.write(predicted)
    with _step("Naming the faces of a real photograph with the shipped weights", seconds, say):
        photograph = _photograph(folder, say)
    picture = folder / "demo.jpg"
    draw_overview(picture, folder / "predictions", folder / "photograph")
    return DemoResult(folder, data, weights, metrics, photograph, picture, seconds)


def _threshold(weights: Path, data: Path, progress: Progress[Any]) -> float:
    """Return the score from which on a face counts, as the validation scenes have it.

    Weights that were trained for a minute are less sure of a face than those that took hours, and
    the usual threshold would hide faces that they find.
    """
    detector = Detector(weights, conf=0.001)
    metrics = evaluate(detector, data, "val", EvaluationOptions(resamples=0), progress=progress)
    # Weights of fewer epochs may find hardly a face, at any threshold.
    return metrics.best_threshold if metrics.face_ap50 > _FINDS else detector.advised_conf


def _start() -> str:
    """Return the shipped checkpoint, which knows faces already, else random weights."""
    try:
        return str(resolve(default_detector().with_suffix(".pt")))
    except YoloFerError:
        return "none"


def _photograph(folder: Path, say: Callable[[str], None]) -> Prediction | None:
    try:
        weights = default_detector()
    except YoloFerError as error:
        say(f"  left out: {error}")
        return None
    photograph = Path(import_ultralytics("the photograph").ASSETS) / "zidane.jpg"
    inputs = collect_images([str(photograph)])
    with AnnotatedImageSink(folder / "photograph", inputs) as sink:
        for predicted in predict_images(Detector(weights), inputs):
            sink.write(predicted)
            return predicted.prediction
    return None


@contextmanager
def _step(title: str, seconds: dict[str, float], say: Callable[[str], None]) -> Iterator[None]:
    """Announce a step and measure how long it takes."""
    say(f"{len(seconds) + 1}. {title}")
    start = time.perf_counter()
    yield
    seconds[title] = time.perf_counter() - start
