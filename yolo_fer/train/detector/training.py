"""Starting and resuming a training."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from yolo_fer.dataset.data_yaml import DataYaml, read_data_yaml
from yolo_fer.errors import UsageError, YoloFerError, first_line
from yolo_fer.evaluate.run_folder import run_folder
from yolo_fer.paths import resolved
from yolo_fer.runtime.folder_lock import locked
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics, quiet
from yolo_fer.train.detector.options import TrainOptions
from yolo_fer.train.detector.recipes import DEFAULT_MODEL, DEFAULTS, Yofo
from yolo_fer.train.detector.run import RunNote, newest_unfinished
from yolo_fer.train.detector.starting_weights import network_and_start
from yolo_fer.train.detector.training_set import check_images


def train(
    data: Path,
    options: TrainOptions = TrainOptions(),
    on_epoch: Callable[[str], None] | None = None,
) -> Path:
    """Train a detector on a YOLO data.yaml.

    Args:
        data: the data.yaml of a converted set, or any other whose classes name emotions.
        options: what it is trained from, and how.
        on_epoch: called with a line after each epoch, in place of what Ultralytics prints.

    Returns:
        The run folder, with args.yaml, results.csv, curves, weights/best.pt and weights/last.pt.

    Raises:
        UsageError: for settings that Ultralytics does not know or options that contradict.
        YoloFerError: if data or weights cannot be used.
    """
    described = read_data_yaml(data)  # complains of classes that are no emotions
    import_ultralytics("training")
    from ultralytics.nn import tasks

    tasks.SAFE_LOAD = not options.trust_weights
    images = _count_images(data, described)
    if options.resume:
        return _resume(data, options, on_epoch)
    arguments = _arguments(data, options, images)
    project = resolved(Path(arguments["project"]))
    with run_folder(None, project, options.given.get("name", "train")) as folder:
        # The folder is there, so that two trainings that start together do not share it.
        arguments |= {"project": str(project), "name": folder.name, "exist_ok": True}
        trainer = _trainer(options.recipe, arguments)
        RunNote(options.recipe, arguments["data"]).write(folder)
        _run(trainer, on_epoch)
    return folder


def _count_images(data: Path, described: DataYaml) -> int:
    """Count the training images, and make sure that all of them and their labels can be used."""
    from ultralytics.data.utils import check_det_dataset

    try:
        # A `download` entry may hold Python code, which Ultralytics would run where images are
        # missing; refused here, it is never reached.
        return check_images(check_det_dataset(str(resolved(data)), autodownload=False), described)
    except (FileNotFoundError, SyntaxError, TypeError, ValueError) as error:
        raise YoloFerError(f"{data}: {error}") from error


def _arguments(data: Path, options: TrainOptions, images: int) -> dict[str, Any]:
    """Return what Ultralytics is told."""
    network, start = options.model or DEFAULT_MODEL, options.start
    arguments = dict(DEFAULTS)
    if options.recipe:
        recipe = Yofo()
        network, start = options.model or recipe.model, start or "none"
        arguments = recipe.settings(images)
    return {
        **arguments,
        **_on_device(options.device),
        "project": "runs/detect",
        **options.given,
        "data": str(resolved(data)),
        "task": "detect",
        "mode": "train",
        **network_and_start(network, start, options.trust_weights),
    }


def _on_device(device: str) -> dict[str, Any]:
    """Return what Ultralytics is told of where it computes, and how precisely."""
    from yolo_fer.train.device import best_precision

    return {"device": "" if device == "auto" else device, "amp": best_precision(device)}


def _run(trainer: Any, on_epoch: Callable[[str], None] | None) -> None:
    """Train, and tell in one message what Ultralytics and PyTorch say with a page of calls."""
    try:
        with _told(trainer, on_epoch):
            trainer.train()
    except (OSError, RuntimeError, ValueError) as error:
        first = first_line(error)
        raise YoloFerError(
            f"the training in {trainer.save_dir} broke off: {first}. Mend that; if an epoch was "
            "done, `resume` goes on after it"
        ) from error


@contextmanager
def _told(trainer: Any, on_epoch: Callable[[str], None] | None) -> Iterator[None]:
    """Keep Ultralytics from printing, and tell a line after each epoch, if anybody listens."""
    if on_epoch is None:
        yield
        return
    told = trainer.start_epoch

    def tell(running: Any) -> None:
        nonlocal told
        if not told < running.epoch + 1 <= running.epochs:
            return  # it is called once more, for the best weights
        told = running.epoch + 1
        found = running.metrics.get("metrics/mAP50(B)", float("nan"))
        on_epoch(f"epoch {told} of {running.epochs}: mAP50 {found:.1%}, {running.epoch_time:.0f} s")

    trainer.add_callback("on_fit_epoch_end", tell)
    with quiet(logging.WARNING):
        yield


def _trainer(recipe: str | None, arguments: dict[str, Any]) -> Any:
    from ultralytics.utils import LOGGER

    from yolo_fer.train.detector.trainer import FaceTrainer, YofoTrainer

    level = LOGGER.level
    LOGGER.setLevel("WARNING")  # with a wrong setting it prints the syntax of the command `yolo`
    try:
        return (YofoTrainer if recipe else FaceTrainer)(overrides=arguments)
    except (
        SyntaxError,
        TypeError,
        ValueError,
    ) as error:  # what Ultralytics raises for bad settings
        raise UsageError(f"Ultralytics does not take these settings: {error}") from error
    finally:
        LOGGER.setLevel(level)


def _resume(data: Path, options: TrainOptions, on_epoch: Callable[[str], None] | None) -> Path:
    last, note = newest_unfinished(Path(options.given.get("project", "runs/detect")), data)
    where = {} if options.device == "auto" else _on_device(options.device)
    whole = {**where, **options.given, "model": str(last), "resume": str(last)}
    trainer = _trainer(note.recipe, whole)
    with locked(last.parents[1]):
        _run(trainer, on_epoch)
    return Path(trainer.save_dir)
