"""Ultralytics' detection trainer with what it lacks. Imported only after `import_ultralytics`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from ultralytics.engine import trainer as engine
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.nn import tasks
from ultralytics.utils import SETTINGS

from yolo_fer.runtime.executor import default_workers
from yolo_fer.runtime.ultralytics_packages import attribute_replaced, no_code_of_datasets
from yolo_fer.train.detector.described_network import check_description
from yolo_fer.train.detector.recipes import Yofo

_REPORTERS = ("clearml", "comet", "dvc", "hub", "mlflow", "neptune", "raytune", "wandb")


class FaceTrainer(DetectionTrainer):  # type: ignore[misc]  # Ultralytics is not typed
    """Trains in bf16 with channels last on a CPU, saves whole checkpoints, reports to nobody."""

    model: Any
    last: Path
    best: Path

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for key in _REPORTERS:  # in memory only, also in each process of a distributed training
            if key in SETTINGS:
                dict.__setitem__(SETTINGS, key, False)
        with no_code_of_datasets():
            super().__init__(*args, **kwargs)

    def check_resume(self, overrides: dict[str, Any]) -> None:
        """Take the arguments of the run that goes on, and the precision of where it does.

        Ultralytics lets the device change, but not the precision, which depends on it.
        """
        super().check_resume({key: v for key, v in overrides.items() if key != "amp"})
        if self.resume and "amp" in overrides:
            self.args.amp = overrides["amp"]

    @property
    def _nhwc(self) -> bool:
        # Ultralytics allows it on CUDA alone, though oneDNN's bf16 kernels gain 20 % from it.
        return self.device.type == "cpu" and self.args.channels_last is not False

    def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
        """Make the network; one that a checkpoint describes only if it is no larger than any."""
        if isinstance(cfg, dict) and tasks.SAFE_LOAD:
            check_description(str(self.args.model), cfg, self.data["nc"])
        return super().get_model(cfg=cfg, weights=weights, verbose=verbose)

    def _do_train(self) -> None:
        if self.device.type == "cpu":
            torch.set_num_threads(default_workers())  # Ultralytics allows itself one
        # Ultralytics takes amp=bf16 for CUDA alone and refuses it on a CPU that computes in bf16.
        with attribute_replaced(engine, "autocast", _autocast), no_code_of_datasets():
            super()._do_train()

    def _setup_train(self) -> None:
        super()._setup_train()
        if self._nhwc:
            self.model = self.model.to(memory_format=torch.channels_last)

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Put the images into the memory format of the model."""
        batch = super().preprocess_batch(batch)
        if self._nhwc:
            batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
        return batch

    def save_model(self) -> bool:
        """Save checkpoints under temporary names and rename them: a kill leaves the last whole."""
        final = {"last": self.last, "best": self.best}
        temporary = {name: path.with_name(f".{path.name}.tmp") for name, path in final.items()}
        self.last, self.best = temporary["last"], temporary["best"]
        try:
            saved = bool(super().save_model())
        finally:
            self.last, self.best = final["last"], final["best"]
        for name, path in temporary.items():
            if path.exists():
                path.replace(final[name])
        return saved


_ultralytics_autocast = engine.autocast


def _autocast(enabled: bool | torch.dtype, device: str = "cuda") -> Any:
    if device == "cpu" and enabled is torch.bfloat16:
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return _ultralytics_autocast(enabled, device=device)


class YofoTrainer(FaceTrainer):
    """Cuts the learning rate at fixed iterations, as Darknet's `policy=steps` does."""

    recipe = Yofo()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._iteration = -1
        # Warm-up, which comes right after, overrides it in the first iterations.
        self.add_callback("on_train_batch_start", lambda trainer: trainer.cut_rate())

    def _setup_scheduler(self) -> None:
        self.lf = lambda epoch: 1.0  # the cuts come with the iterations
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lr_lambda=self.lf)

    def cut_rate(self) -> None:
        """Set the learning rate of the iteration that begins."""
        if self._iteration < 0:
            self._iteration = self.start_epoch * len(self.train_loader)
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * self.recipe.rate(self._iteration)
        self._iteration += 1
