"""Saving a network without anything that its making left in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from ultralytics import __version__ as ultralytics_version

from yolo_fer.detector.network import OWN_KEY
from yolo_fer.train.training_files import save_atomically


def save_checkpoint(network: Any, path: Path, imgsz: int, own: Mapping[str, Any]) -> None:
    """Write a half-precision checkpoint that Ultralytics and we load in safe mode.

    Args:
        network: a detection model of Ultralytics; not changed.
        path: to write; replaced at once or not at all.
        imgsz: longer side of the input that is advised, in pixels.
        own: what the weights and all their exports say about themselves, in addition to the keys
            of Ultralytics.
    """
    model = deepcopy(network).half()
    arguments = {"imgsz": imgsz, "task": "detect"}
    model.args = arguments
    model.pt_path = path.name  # of the weights that the training started from
    if "yaml_file" in model.yaml:  # where the network's description lay on the training's machine
        model.yaml["yaml_file"] = Path(model.yaml["yaml_file"]).name
    content = {
        "model": model,
        "train_args": arguments,
        "version": ultralytics_version,
        "license": "AGPL-3.0-or-later; trained on data for research only",
        OWN_KEY: json.dumps(dict(own)),
    }
    save_atomically(path, content)
