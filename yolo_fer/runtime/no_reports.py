"""Keeping the libraries that run networks from reporting to their makers."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import cast


def switch_off_reports() -> None:
    """Switch off the telemetry of ONNX Runtime, OpenVINO and MNN, before any is imported.

    It stands in front of every import of theirs and of Ultralytics, whose exports import them.
    """
    # ONNX Runtime's official packages send what they know of each session to Microsoft, since 1.29
    # also on Linux and macOS, and keep a database of it.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    # openvino-telemetry reports imports and conversions to Google Analytics; OpenVINO does without
    # it if the import fails.
    sys.modules.setdefault("openvino_telemetry", cast(ModuleType, None))
    # MNN's converter installs an uploader with pip, and tells Alibaba what was converted where; it
    # does without if the import fails.
    sys.modules.setdefault("MNN.tools.utils.log", cast(ModuleType, None))
