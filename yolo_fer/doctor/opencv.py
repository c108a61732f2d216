"""Whose `cv2` it is, and whether it can open windows."""

from __future__ import annotations

import os
import re
import sys
from importlib import metadata

from yolo_fer.doctor.finding import Diagnosis, Severity

_DISTRIBUTIONS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
    "opencv-python-rolling",
    "opencv-contrib-python-rolling",
)
_INSTALL = "pip install --force-reinstall --no-deps 'opencv-python>=4.10,<5'"


def examine_opencv() -> list[Diagnosis]:
    """Look at the installed OpenCV distributions and the module that they share."""
    installed = {name: version for name in _DISTRIBUTIONS if (version := _version(name))}
    try:
        import cv2
    except ImportError as error:
        text = f"cv2 cannot be imported: {error}"
        return [Diagnosis("OpenCV", Severity.PROBLEM, text, _mend(list(installed)))]
    return [
        judge_distributions(installed, str(cv2.__version__)),
        judge_windows(cv2.getBuildInformation(), dict(os.environ), sys.platform),
    ]


def judge_distributions(installed: dict[str, str], loaded: str) -> Diagnosis:
    """Judge which distributions claim `cv2`.

    Args:
        installed: the version of each installed distribution of OpenCV, by name.
        loaded: the version that is imported, `cv2.__version__`.
    """
    listed = ", ".join(f"{name} {version}" for name, version in installed.items())
    if len(installed) > 1:
        text = f"{listed} all install cv2, each over the other's files; {loaded} is loaded"
        return Diagnosis("OpenCV", Severity.WARNING, text, _mend(list(installed)))
    if int(loaded.partition(".")[0]) >= 5:
        text = f"cv2 {loaded} has no CascadeClassifier: the face finder haar does not work"
        return Diagnosis("OpenCV", Severity.WARNING, text, _INSTALL)
    return Diagnosis("OpenCV", Severity.OK, f"cv2 {loaded} from {listed or 'no pip package'}")


def judge_windows(build: str, environment: dict[str, str], system: str) -> Diagnosis:
    """Judge whether `--show` can open a window.

    Args:
        build: the text of `cv2.getBuildInformation()`.
        environment: the environment variables, by name.
        system: the operating system, as `sys.platform` names it.
    """
    gui = re.search(r"^ *GUI: +(\S+)", build, re.MULTILINE)
    if gui is None or gui[1] == "NONE":
        text = "this OpenCV opens no windows, so --show does not work; all else does"
        return Diagnosis("display", Severity.NOTE, text, _INSTALL)
    has_display = system != "linux" or any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not has_display:
        text = f"{gui[1]}, but no display is set, so --show does not work here; all else does"
        return Diagnosis("display", Severity.NOTE, text)
    return Diagnosis("display", Severity.OK, f"{gui[1]}: --show works")


def _mend(installed: list[str]) -> str:
    if not installed:
        return _INSTALL
    return f"pip uninstall -y {' '.join(installed)} && {_INSTALL}"


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
