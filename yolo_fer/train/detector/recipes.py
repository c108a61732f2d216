"""How a detector is trained: the settings that we put before Ultralytics' own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

DEFAULT_MODEL = "yolo-fer-n"
"""Our own network, see networks/yolo-fer-n.yaml."""
DEFAULT_START = "yolo-fer-n.pt"
"""Where it starts from: the shipped weights, which are always there."""

# Any of these can be overridden with key=value on the command line.
DEFAULTS: dict[str, Any] = {
    "epochs": 100,
    "imgsz": 320,  # faces are the subject of their images; 640 costs four times as much
    "batch": 32,
    "patience": 30,
    "optimizer": "AdamW",
    "lr0": 0.001,
    "lrf": 0.01,
    "cos_lr": True,
    "warmup_epochs": 2.0,
    "weight_decay": 0.0005,
    "cls": 1.0,  # twice Ultralytics' gain: finding faces is easy, naming the expression is not
    "degrees": 8.0,  # heads tilt; an expression stays the same
    "scale": 0.4,
    "translate": 0.1,
    "fliplr": 0.5,
    "mosaic": 0.5,
    "close_mosaic": 10,
}


@dataclass(frozen=True, slots=True)
class Yofo:
    """The training of "You Only Feel Once" (2020), a Darknet YOLOv3-tiny.

    What today's Ultralytics does differently: its YOLOv3-tiny has an anchor-free head with a
    distribution focal loss instead of three anchors a cell; warm-up is linear, not the fourth
    power; weights are averaged (EMA); the number of iterations is rounded up to whole epochs, or
    the set is cut to one epoch of the right length; nothing was published about the starting
    weights, so it starts from random ones.
    """

    model: str = "yolov3-tiny"
    iterations: int = 14_000
    batch: int = 64
    cuts: tuple[int, int] = (11_200, 12_600)
    warmup: int = 1_000  # Darknet's burn_in for this network

    def settings(self, train_images: int) -> dict[str, Any]:
        """Return Ultralytics settings for a training set of this many images."""
        per_epoch = max(1, math.ceil(train_images / self.batch))
        epochs = max(1, math.ceil(self.iterations / per_epoch))
        return {
            "epochs": epochs,
            "fraction": min(1.0, self.iterations / per_epoch),
            "patience": epochs,
            "imgsz": 416,
            "batch": self.batch,
            "nbs": self.batch,
            "optimizer": "SGD",
            "lr0": 0.001,
            "lrf": 0.01,
            "momentum": 0.9,
            "weight_decay": 0.0005,
            "warmup_epochs": self.warmup / per_epoch,
            "warmup_momentum": 0.9,
            "warmup_bias_lr": 0.0,
            # Darknet's yolov3-tiny.cfg: hue .1, saturation and exposure 1.5, jitter .3, flip
            "hsv_h": 0.1,
            "hsv_s": 0.5,
            "hsv_v": 0.5,
            "translate": 0.15,
            "scale": 0.3,
            "fliplr": 0.5,
            "mosaic": 0.0,
            "close_mosaic": 0,
            "erasing": 0.0,
        }

    def rate(self, iteration: int) -> float:
        """Return the factor of the learning rate: 1, then 0.1 and 0.01 after each cut."""
        return 0.1 ** sum(iteration >= cut for cut in self.cuts)
