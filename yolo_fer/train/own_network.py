"""Our network, and how its weights and those of a YOLO11n fit into each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yolo_fer.train.recipes import DEFAULT_MODEL

OWN_NETWORK = Path(__file__).with_name("networks") / f"{DEFAULT_MODEL}.yaml"
"""The network that is trained by default, as Ultralytics describes networks."""
FULL_SIZE: Mapping[int, int] = {layer: layer + 1 for layer in range(7)}
"""Layers of YOLO11n, and where our network has them for the image at its full size."""
HALF_SIZE: Mapping[int, int] = {layer: layer + 9 for layer in (*range(11), 13)}
"""The same for the image at half its size."""


def fitting_tensors(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tensors of given weights that a network can start from.

    Weights of a YOLO11n go to both their places in our network, and ours back into a YOLO11n.

    Args:
        given: the tensors of the weights, by the names of a state of PyTorch.
        wanted: those of the network, by their names.

    Returns:
        What fits by name and shape, of the arrangement of which most numbers fit.
    """
    back = {own: layer for layer, own in HALF_SIZE.items()}
    arrangements = (given, _moved(given, FULL_SIZE) | _moved(given, HALF_SIZE), _moved(given, back))
    fitting = [
        {n: t for n, t in one.items() if n in wanted and wanted[n].shape == t.shape}
        for one in arrangements
    ]
    return max(fitting, key=count_numbers)


def count_numbers(tensors: Mapping[str, Any]) -> int:
    """Return how many numbers tensors hold together."""
    return sum(int(tensor.numel()) for tensor in tensors.values())


def _moved(given: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    """Return the tensors of the layers that have another place, under the names there."""
    moved = {}
    for name, tensor in given.items():
        first, layer, *rest = name.split(".")
        if layer.isdecimal() and int(layer) in places:
            moved[".".join([first, str(places[int(layer)]), *rest])] = tensor
    return moved
