from __future__ import annotations

import re

import pytest

from yolo_fer.doctor import Severity
from yolo_fer.doctor.opencv import judge_distributions, judge_windows


def test_two_opencv_packages_over_each_other_are_a_warning_with_the_way_out() -> None:
    finding = judge_distributions(
        {"opencv-python": "4.14.0.94", "opencv-contrib-python-headless": "5.0.0.1"}, "5.0.0"
    )

    assert finding.status is Severity.WARNING
    assert finding.remedy.startswith(
        "pip uninstall -y opencv-python opencv-contrib-python-headless && pip install"
    )


def test_an_opencv_without_haar_cascades_is_a_warning() -> None:
    finding = judge_distributions({"opencv-python": "5.0.0.93"}, "5.0.0")

    assert finding.status is Severity.WARNING
    assert "haar" in finding.text


def test_one_opencv_is_in_order() -> None:
    assert judge_distributions({"opencv-python": "4.14.0.94"}, "4.14.0").status is Severity.OK


@pytest.mark.parametrize(
    ("gui", "environment", "system", "status"),
    [
        ("QT5", {"DISPLAY": ":0"}, "linux", Severity.OK),
        ("GTK3", {"WAYLAND_DISPLAY": "wayland-0"}, "linux", Severity.OK),
        ("QT5", {}, "linux", Severity.NOTE),
        ("NONE", {"DISPLAY": ":0"}, "linux", Severity.NOTE),
        ("COCOA", {}, "darwin", Severity.OK),
        ("WIN32UI", {}, "win32", Severity.OK),
    ],
)
def test_windows_need_a_gui_and_a_display(
    gui: str, environment: dict[str, str], system: str, status: Severity
) -> None:
    build = f"  Media I/O:\n\n  GUI:                           {gui}\n    QT:      YES\n"

    assert judge_windows(build, environment, system).status is status


def test_the_build_information_of_the_installed_opencv_is_understood() -> None:
    import cv2

    finding = judge_windows(cv2.getBuildInformation(), {"DISPLAY": ":0"}, "linux")

    assert (finding.status is Severity.OK) == (
        re.search(r"GUI: +NONE", cv2.getBuildInformation()) is None
    )
