"""Where a network is trained, and how precisely it computes there."""

from __future__ import annotations

from typing import Any

import torch

from yolo_fer.errors import UsageError


def pick_device(device: str) -> torch.device:
    """Return the device of a word.

    Raises:
        UsageError: if there is no such device.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        raise UsageError(f"`device={device}` is none of auto, cpu, cuda and cuda:N") from error
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise UsageError(f"`device={device}`: PyTorch finds no CUDA; use `device=cpu`")
    if chosen.type == "cuda" and (chosen.index or 0) >= (found := torch.cuda.device_count()):
        raise UsageError(f"`device={device}`: PyTorch finds {found} of them, and counts from 0")
    return chosen


def best_precision(device: str) -> bool | str:
    """Return Ultralytics' `amp` for a device: bf16 where the hardware computes in it.

    On a CPU with AVX512-BF16 or AMX it halves the time of a training step; others emulate it.
    """
    if device != "cpu" and (torch.cuda.is_available() or torch.backends.mps.is_available()):
        return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else False
    able = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bf16" if able else False


def precision(device: torch.device) -> Any:
    """Return a context in which a network computes in bf16, where the hardware does."""
    fast = best_precision(device.type) == "bf16"
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)
