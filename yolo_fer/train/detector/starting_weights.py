"""Which network is trained, and the weights that its training starts from."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from yaml import YAMLError

from yolo_fer.detector.network import unknown_head
from yolo_fer.detector.torch_network import detection_model, load_checkpoint
from yolo_fer.errors import UsageError, YoloFerWarning
from yolo_fer.train.detector.recipes import DEFAULT_MODEL, DEFAULT_START
from yolo_fer.weights.store import State, entries, inspect, resolve

OWN_NETWORK = Path(__file__).with_name("networks") / f"{DEFAULT_MODEL}.yaml"
"""The network that is trained by default, as Ultralytics describes networks."""
_HEADS = ("Detect", "v10Detect")
_ENOUGH = 0.5  # of a network's parameters: with fewer that fit, the rest has to be learned anyway


def network_and_start(network: str, start: str | None, trust: bool) -> dict[str, Any]:
    """Return Ultralytics' `model` and `pretrained`. Called after `import_ultralytics`.

    Args:
        network: `yolo-fer-n`, a network of Ultralytics, or a `.pt` to go on from.
        start: weights to start from, `none` for random ones; None takes what belongs to the
            network or, where that is not here, what is, with a warning.
        trust: load a `.pt` that is not safe to load.

    Raises:
        UsageError: if Ultralytics knows no such network, it has no head of a YOLO detector, or
            there is a start for a `.pt`, which starts from itself.
        YoloFerError: if named weights are not here or cannot be used.
    """
    if network.endswith(".pt"):
        if start is not None:
            raise UsageError(
                f"`model={network}` is trained on from its own weights, so `start={start}` has no "
                "place; give the weights as the one or the other"
            )
        path = resolve(network)
        detection_model(path, load_checkpoint(path, trust))  # refuses any other head
        return {"model": str(path), "pretrained": True}
    name = network.removesuffix(".yaml")
    if name == DEFAULT_MODEL:
        weights = False if start == "none" else _checkpoint(start or DEFAULT_START, trust)
        return {"model": str(OWN_NETWORK), "pretrained": weights}
    _check_network(name)
    if start == "none":
        return {"model": f"{name}.yaml", "pretrained": False}
    weights = _what_is_here(name, trust) if start is None else _checkpoint(start, trust)
    return {"model": f"{name}.yaml", "pretrained": weights}


def _what_is_here(name: str, trust: bool) -> str | bool:
    """Return the COCO weights of a network, else the shipped ones if they fit, else False."""
    own = [entry for entry in entries() if entry.name in (name, f"{name}-seg")]
    for entry in own:
        if inspect(entry).state is State.OK:
            return _checkpoint(entry.name, trust)
    fitting = _fitting_share(name)
    instead = (
        f"the training starts from {DEFAULT_START}, which has {fitting:.0%} of its parameters"
        if fitting >= _ENOUGH
        else f"the training starts from random ones, since {DEFAULT_START} does not fit it"
    )
    gets = " or ".join(f"`yolo-fer weights get {entry.name}`" for entry in own)
    others = f"{gets} fetches its own" if gets else "`start=FILE.pt` names others"
    warnings.warn(
        f"no weights of {name} are here, so {instead}; {others}", YoloFerWarning, stacklevel=2
    )
    return _checkpoint(DEFAULT_START, trust) if fitting >= _ENOUGH else False


def _fitting_share(name: str) -> float:
    """Return the share of a network's parameters, 0 to 1, that the shipped weights have."""
    from ultralytics.nn.tasks import DetectionModel
    from ultralytics.utils.torch_utils import intersect_dicts

    from yolo_fer.runtime.ultralytics_quiet import quiet

    with quiet():
        network = DetectionModel(f"{name}.yaml", verbose=False).state_dict()
    shipped = load_checkpoint(resolve(DEFAULT_START))["model"]
    there = intersect_dicts(shipped.state_dict(), network)
    return float(sum(map(_numbers, there.values())) / sum(map(_numbers, network.values())))


def _numbers(tensor: Any) -> int:
    return int(tensor.numel())


def _check_network(name: str) -> None:
    from ultralytics.nn.tasks import yaml_model_load

    try:
        head = yaml_model_load(f"{name}.yaml")["head"][-1][2]
    except FileNotFoundError as error:
        raise UsageError(f"`model={name}` is no network that Ultralytics knows") from error
    except (KeyError, IndexError, TypeError, ValueError, YAMLError) as error:
        raise UsageError(f"`model={name}` describes no network ({error})") from error
    if head not in _HEADS:
        raise UsageError(f"`model={name}`: {unknown_head(head)}")


def _checkpoint(name: str, trust: bool) -> str:
    """Return the path of weights that can be loaded; Ultralytics would only print a traceback."""
    path = resolve(name)
    load_checkpoint(path, trust)
    return str(path)
