"""Networks in OpenVINO's format: a folder `*_openvino_model/` or the .xml file in one."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from yolo_fer.detector.network import checked_batch_size, parse_metadata
from yolo_fer.errors import UnusedArgumentError, YoloFerError, needs_extra
from yolo_fer.runtime.json_yaml import read_yaml
from yolo_fer.runtime.no_reports import switch_off_reports

_LARGEST_METADATA = 1_000_000  # bytes; YAML takes minutes for more


class OpenVinoNetwork:
    """A network in OpenVINO's format.

    Args:
        path: the folder or the .xml file; `metadata.yaml` lies next to it, as
            Ultralytics writes it.
        device: the device: `auto` or `cpu`.
        threads: the number of threads of one run; None lets OpenVINO choose.

    Raises:
        MissingExtraError: if OpenVINO is not installed.
        YoloFerError: if a file is missing, damaged or not a detector.
        UsageError: if another device is asked for.
    """

    def __init__(self, path: Path, device: str, threads: int | None) -> None:
        if device not in ("auto", "cpu"):
            raise UnusedArgumentError(
                f"device '{device}': OpenVINO networks run on the CPU; use `device=cpu`", "device"
            )
        openvino = import_openvino()
        graph = path if path.is_file() else _only_graph(path)
        self.metadata = parse_metadata(path, _read_metadata(graph.with_name("metadata.yaml")))
        config: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if self.metadata.precision != "fp16":
            # A CPU with bfloat16 would else compute in it, and its scores would differ from those
            # of the ONNX file; an export to fp16 has accepted that.
            config["INFERENCE_PRECISION_HINT"] = openvino.Type.f32
        if threads is not None:
            config["INFERENCE_NUM_THREADS"] = threads
        # A request holds the input and output of a run, so each thread takes one of its own.
        self._idle: list[Any] = []
        try:
            core = openvino.Core()
            self._model = core.compile_model(core.read_model(str(graph)), "CPU", config)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise YoloFerError(
                f"{graph}: not a usable OpenVINO network; is its .bin complete? ({reason})"
            ) from error
        shape = self._model.input().get_partial_shape()
        if len(self._model.inputs) != 1 or len(self._model.outputs) != 1 or len(shape) != 4:
            raise YoloFerError(
                f"{graph}: not a detector; its input is {shape}, not (batch, 3, H, W)"
            )
        height, width = shape[2], shape[3]
        self.fixed_size = (
            None
            if height.is_dynamic or width.is_dynamic
            else (height.get_length(), width.get_length())
        )
        images = None if shape[0].is_dynamic else shape[0].get_length()
        self.batch_size = checked_batch_size(graph, images)
        self.on_gpu = False

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network on (N, 3, H, W) RGB, 0 to 1."""
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._model.create_infer_request()
        output = request.infer(batch, share_inputs=True)[0]
        self._idle.append(request)  # one whose run failed is not used again
        return cast(NDArray[np.float32], output)


def import_openvino() -> ModuleType:
    """Import OpenVINO without its telemetry.

    Raises:
        MissingExtraError: if it is not installed.
    """
    switch_off_reports()
    with needs_extra("export", "an OpenVINO network"):
        import openvino
    return cast(ModuleType, openvino)


def _only_graph(folder: Path) -> Path:
    graphs = sorted(folder.glob("*.xml"))
    if len(graphs) != 1:
        raise YoloFerError(
            f"{folder}: an OpenVINO folder has one .xml file, this one has {len(graphs)}"
        )
    return graphs[0]


def _read_metadata(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_METADATA:
            raise YoloFerError(f"{path}: is too large for the metadata of a network")
        metadata = read_yaml(path)
    except FileNotFoundError as error:
        raise YoloFerError(
            f"{path}: is missing. Keep the whole folder together that the export wrote."
        ) from error
    except (OSError, ValueError) as error:
        raise YoloFerError(f"{path}: cannot be read ({error})") from error
    if not isinstance(metadata, dict):
        raise YoloFerError(f"{path}: is not a YAML mapping")
    return metadata
