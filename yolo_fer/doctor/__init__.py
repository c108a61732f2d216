"""What is installed, what works, what is missing, and the command that mends it.

Nothing is installed, fetched or changed, and PyTorch and Ultralytics are never imported: the whole
examination takes about a second.
"""

from __future__ import annotations

from yolo_fer.doctor.devices import examine_devices
from yolo_fer.doctor.finding import Diagnosis, Severity
from yolo_fer.doctor.opencv import examine_opencv
from yolo_fer.doctor.packages import examine_packages
from yolo_fer.doctor.ultralytics_settings import examine_ultralytics
from yolo_fer.doctor.weight_files import examine_weights

__all__ = ["Diagnosis", "Severity", "examine", "prediction_works"]


def examine() -> list[Diagnosis]:
    """Look at everything that yolo-fer depends on."""
    return [
        *examine_packages(),
        *examine_opencv(),
        *examine_devices(),
        *examine_weights(),
        *examine_ultralytics(),
    ]


def prediction_works(findings: list[Diagnosis]) -> bool:
    """Return whether nothing that prediction needs is broken."""
    return all(finding.status is not Severity.PROBLEM for finding in findings)
