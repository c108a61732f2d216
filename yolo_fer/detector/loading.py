"""From a weights file to a network that runs."""

from __future__ import annotations

import re
from pathlib import Path

from yolo_fer.arguments import check_threads
from yolo_fer.detector import ultralytics_network
from yolo_fer.detector.network import Network
from yolo_fer.errors import UsageError
from yolo_fer.runtime.onnx_runtime import is_gpu

_DEVICES = re.compile(r"auto|cpu|cuda(:\d+)?")


def load_network(path: Path, device: str | int, threads: int | None, trust: bool) -> Network:
    """Load the network in a file or folder; its name says which runtime it needs.

    Args:
        path: an .onnx or .pt file, an OpenVINO folder or the .xml file in one, or any other export
            that Ultralytics runs.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `N`, the same as Ultralytics writes it.
        threads: the number of threads of one run; None lets the runtime choose.
        trust: load a file that can run code.

    Raises:
        UsageError: if the kind of file or the device is unknown, or the number of threads is none.
        YoloFerError: if the file is damaged, not a detector, or can run code and is not trusted.
    """
    chosen = str(device).strip().lower()
    device = f"cuda:{chosen}" if chosen.isdecimal() else chosen
    if not _DEVICES.fullmatch(device):
        raise UsageError(f"unknown device '{device}'. Known are auto, cpu, cuda and cuda:N.")
    check_threads(threads)
    suffix = path.suffix.lower()
    if suffix == ".onnx":
        from yolo_fer.detector.onnx_network import OnnxNetwork

        return OnnxNetwork(path, device, threads)
    if path.name.endswith(ultralytics_network.SUFFIXES):
        ultralytics_network.check_trust(path, trust)
        return ultralytics_network.UltralyticsNetwork(path, device, threads)
    if suffix == ".xml" or path.is_dir():
        from yolo_fer.detector.openvino_network import OpenVinoNetwork

        return OpenVinoNetwork(path, device, threads)
    if suffix == ".pt":
        from yolo_fer.detector.torch_network import TorchNetwork

        return TorchNetwork(path, device, threads, trust)
    raise UsageError(
        f"{path}: not weights of a known kind; use an .onnx or .pt file, an OpenVINO folder or "
        f"another export ({', '.join(ultralytics_network.SUFFIXES)})"
    )


def runs_on_gpu(path: Path, device: str) -> bool:
    """Tell whether the network in a file or folder would run on a GPU here; it is not loaded.

    Args:
        path: as of `load_network`, or the name of weights.
        device: as of `load_network`; each runtime has a choice of its own for `auto`.
    """
    if device.strip().lower() != "auto":
        return is_gpu(device)
    if path.suffix.lower() == ".pt":
        try:
            import torch
        except ImportError:  # whoever loads the network is told so
            return False
        return bool(torch.cuda.is_available())
    on_cpu = (".xml", *ultralytics_network.SUFFIXES)
    return not (path.name.endswith(on_cpu) or path.is_dir()) and is_gpu(device)
