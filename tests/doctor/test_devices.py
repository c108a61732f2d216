"""`doctor` finds the device of prediction and training without importing PyTorch."""

from __future__ import annotations

import subprocess
import sys

from yolo_fer.doctor.devices import cuda_device_count, examine_devices
from yolo_fer.runtime.onnx_runtime import providers


def test_it_tells_which_device_auto_means() -> None:
    by_topic = {finding.topic: finding for finding in examine_devices()}
    device = "cpu" if providers("auto") == ["CPUExecutionProvider"] else "cuda"
    assert f"--device auto means {device}" in by_topic["ONNX Runtime"].text
    assert by_topic["CPU"].text


def test_a_gpu_that_the_driver_reports_is_counted() -> None:
    listed = subprocess.run(
        ["sh", "-c", "nvidia-smi --list-gpus 2>/dev/null | wc -l"], capture_output=True, text=True
    )
    assert cuda_device_count() == int(listed.stdout)


def test_pytorch_is_read_about_and_not_imported() -> None:
    code = (
        "import sys; from yolo_fer.doctor.devices import examine_devices; examine_devices();"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
