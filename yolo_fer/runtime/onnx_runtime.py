"""Opening ONNX Runtime sessions: one meaning of `--device` and `--threads` for every network."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from yolo_fer.arguments import check_threads
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.runtime.executor import default_workers
from yolo_fer.runtime.no_reports import switch_off_reports

_CUDA = re.compile(r"(?:cuda(?::(\d+))?|(\d+))")
_CUDA_PROVIDER = "CUDAExecutionProvider"
_CPU_PROVIDER = "CPUExecutionProvider"
_INSTALL_CUDA = (
    "pip uninstall onnxruntime && pip install 'onnxruntime-gpu[cuda,cudnn]' "
    "(the two packages cannot stand side by side), or use `device=cpu`"
)


def import_onnxruntime() -> ModuleType:
    """Import ONNX Runtime, which must not report to anybody what it runs."""
    switch_off_reports()
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # Windows does not look at the variable
    return cast(ModuleType, onnxruntime)


def providers(device: str) -> list[Any]:
    """Return the ONNX Runtime execution providers of a device, the wanted one first.

    Args:
        device: `cpu`, `cuda`, `cuda:N`, `N` (the same, as Ultralytics writes it) or `auto`, which
            is the first CUDA device where ONNX Runtime has been built for one, else the CPU.

    Raises:
        UsageError: for any other word.
        YoloFerError: if CUDA is asked for and this ONNX Runtime has been built without it.
    """
    onnxruntime = import_onnxruntime()
    wanted = device.strip().lower()
    has_cuda = _CUDA_PROVIDER in onnxruntime.get_available_providers()
    if wanted == "cpu" or (wanted == "auto" and not has_cuda):
        return [_CPU_PROVIDER]
    cuda = _CUDA.fullmatch("cuda" if wanted == "auto" else wanted)
    if cuda is None:
        raise UsageError(f"unknown device '{device}'. Known are cpu, cuda, cuda:N and auto.")
    if not has_cuda:
        raise YoloFerError(
            f"device '{device}' needs an ONNX Runtime with CUDA, and the installed "
            f"{onnxruntime.__version__} has none. {_INSTALL_CUDA}"
        )
    number = int(cuda[1] or cuda[2] or 0)
    return [(_CUDA_PROVIDER, {"device_id": number}), _CPU_PROVIDER]


def is_gpu(device: str) -> bool:
    """Tell whether a device is a GPU, or, if it is `auto`, comes out as one here.

    Args:
        device: see `providers`, also one that cannot be used; whoever opens a session is told so.
    """
    wanted = device.strip().lower()
    return wanted != "cpu" and (wanted != "auto" or providers(wanted)[0] != _CPU_PROVIDER)


def open_session(model: bytes | Path, *, device: str = "cpu", threads: int | None = None) -> Any:
    """Open an `onnxruntime.InferenceSession`.

    Args:
        model: the ONNX file or its bytes.
        device: see `providers`.
        threads: threads within one operator; None takes one per core that this process may use.

    Raises:
        UsageError: if `threads` is not positive or the device is not known.
        YoloFerError: if the device cannot be used or the model cannot be read.
    """
    onnxruntime = import_onnxruntime()
    check_threads(threads)
    chosen = providers(device)
    wants_cuda = chosen[0] != _CPU_PROVIDER
    if wants_cuda and hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()  # finds the CUDA libraries that pip installed
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # warnings about unused initialisers help nobody
    cores = default_workers()
    if threads is None and cores < (os.cpu_count() or cores):
        threads = cores  # else it takes all cores of the machine, and two threads share one
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        # from bytes: on Windows a path outside the code page fails
        data = model if isinstance(model, bytes) else model.read_bytes()
        # its fallback would try the same again, and print so on standard output
        session = onnxruntime.InferenceSession(data, options, providers=chosen, enable_fallback=0)
        for value in (*session.get_inputs(), *session.get_outputs()):
            _ = value.name, value.shape  # an error here if they are no text
    except Exception as error:  # ONNX Runtime's exceptions share no base class but this
        name = "the network" if isinstance(model, bytes) else str(model)
        reason = str(error).strip().partition("\n")[0]
        raise YoloFerError(f"{name} cannot be opened by ONNX Runtime ({reason})") from error
    if wants_cuda and _CUDA_PROVIDER not in session.get_providers():
        # without its libraries ONNX Runtime falls back to the CPU with no more than a log line
        raise YoloFerError(
            f"device '{device}' cannot be used: ONNX Runtime did not find the CUDA libraries or "
            f"the device. {_INSTALL_CUDA}"
        )
    return session


def runs_on_gpu(session: Any) -> bool:
    """Tell whether a session's network runs on a CUDA device."""
    return _CUDA_PROVIDER in session.get_providers()


def read_metadata(path: Path, session: Any) -> dict[str, str]:
    """Return what an ONNX file says about itself, by key.

    Raises:
        YoloFerError: if that is no text.
    """
    try:
        return dict(session.get_modelmeta().custom_metadata_map)
    except UnicodeDecodeError as error:
        raise YoloFerError(f"{path}: its metadata is damaged (no UTF-8)") from error
