"""Which device prediction and training would use. PyTorch is not imported, only read about."""

from __future__ import annotations

import ctypes
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

from yolo_fer.doctor.finding import Diagnosis, Severity

_INSTALL_CUDA_RUNTIME = "pip install 'onnxruntime-gpu[cuda,cudnn]'"
_BF16_FLAGS = ("amx_bf16", "avx512_bf16", "bf16")


def examine_devices() -> list[Diagnosis]:
    """Look at ONNX Runtime's providers, PyTorch's build, the GPU driver and the CPU."""
    return [_examine_onnx_runtime(), *_examine_torch(), _examine_cpu()]


def _examine_onnx_runtime() -> Diagnosis:
    both = [n for n in ("onnxruntime", "onnxruntime-gpu") if _is_installed(n)]
    if len(both) == 2:
        text = "onnxruntime and onnxruntime-gpu are installed over each other"
        remedy = f"pip uninstall -y onnxruntime onnxruntime-gpu && {_INSTALL_CUDA_RUNTIME}"
        return Diagnosis("ONNX Runtime", Severity.WARNING, text, remedy)
    try:
        from yolo_fer.runtime.onnx_runtime import providers

        chosen = providers("auto")
    except ImportError as error:
        remedy = "pip install --force-reinstall onnxruntime"
        return Diagnosis("ONNX Runtime", Severity.PROBLEM, f"cannot be imported: {error}", remedy)
    on_cuda = chosen[0] != "CPUExecutionProvider"
    text = f"--device auto means {'cuda' if on_cuda else 'cpu'} in prediction"
    if not on_cuda and cuda_device_count():
        remedy = f"pip uninstall -y onnxruntime && {_INSTALL_CUDA_RUNTIME}"
        text += ", although there is a CUDA device"
        return Diagnosis("ONNX Runtime", Severity.NOTE, text, remedy)
    return Diagnosis("ONNX Runtime", Severity.OK, text)


def _examine_torch() -> list[Diagnosis]:
    try:
        distribution = metadata.distribution("torch")
    except metadata.PackageNotFoundError:
        return []
    path = Path(str(distribution.locate_file("torch/version.py")))
    source = path.read_text("utf-8") if path.is_file() else ""
    built_for = re.search(r"^cuda[^=\n]*= *['\"]([\d.]+)['\"]", source, re.MULTILINE)
    devices = cuda_device_count()
    if built_for and devices:
        text = f"CUDA {built_for[1]}, {devices} device(s): training uses them"
    elif sys.platform == "darwin" and platform.machine() == "arm64":
        text = "mps: training uses the GPU of the Apple chip"
    elif devices:
        remedy = "pip install --force-reinstall torch torchvision"
        text = "there is a CUDA device, but this PyTorch was built without CUDA"
        return [Diagnosis("PyTorch", Severity.WARNING, f"{distribution.version}: {text}", remedy)]
    else:
        text = "no GPU here: training uses the CPU"
    return [Diagnosis("PyTorch", Severity.OK, f"{distribution.version}: {text}")]


def cuda_device_count() -> int:
    """Return the number of NVIDIA devices that the driver reports; 0 without a driver."""
    try:
        if sys.platform == "win32":
            driver = ctypes.WinDLL("nvcuda.dll")
        else:
            driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def _examine_cpu() -> Diagnosis:
    flags = _cpu_flags()
    if not flags:
        return Diagnosis("CPU", Severity.OK, platform.processor() or platform.machine())
    found = [flag for flag in _BF16_FLAGS if flag in flags]
    text = f"has bf16 instructions ({', '.join(found)})" if found else "has no bf16 instructions"
    return Diagnosis("CPU", Severity.OK, text)


def _cpu_flags() -> frozenset[str]:
    """Return the features that Linux reports for the first core; none on other systems."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
    except OSError:
        return frozenset()
    line = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    return frozenset(line[1].split()) if line else frozenset()


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True
