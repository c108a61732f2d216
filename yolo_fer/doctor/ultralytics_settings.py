"""What Ultralytics would send and install by itself outside of yolo-fer."""

from __future__ import annotations

import json
import os
from importlib import metadata
from pathlib import Path

from yolo_fer.doctor.finding import Diagnosis, Severity
from yolo_fer.runtime.ultralytics_quiet import COMPROMISED, settings_file


def examine_ultralytics() -> list[Diagnosis]:
    """Look at the release and its settings, without importing it."""
    try:
        version = metadata.version("ultralytics")
    except metadata.PackageNotFoundError:
        return []
    return [judge_release(version), judge_settings(settings_file(), dict(os.environ))]


def judge_release(version: str) -> Diagnosis:
    """Judge whether a release is one of those that ran foreign code."""
    if version in COMPROMISED:
        text = f"{version} is a compromised release that ran foreign code; check the machine"
        remedy = "pip uninstall -y ultralytics && pip install 'yolo-fer[train]'"
        return Diagnosis("Ultralytics", Severity.WARNING, text, remedy)
    return Diagnosis("Ultralytics", Severity.OK, version)


def judge_settings(file: Path, environment: dict[str, str]) -> Diagnosis:
    """Judge what `yolo` itself would do; yolo-fer switches both off in its own runs.

    Args:
        file: Ultralytics' settings.json, which need not exist.
        environment: the environment variables, by name.
    """
    try:
        analytics = bool(json.loads(file.read_text("utf-8")).get("sync", True))
    except (OSError, ValueError, AttributeError):
        analytics = True  # what Ultralytics writes when the file is not there
    installs = environment.get("YOLO_AUTOINSTALL", "true").lower() in ("1", "true", "yes", "on")
    lively = [
        word for word, on in (("analytics", analytics), ("installing packages", installs)) if on
    ]
    if not lively:
        return Diagnosis("Ultralytics", Severity.OK, "sends and installs nothing by itself")
    text = f"{' and '.join(lively)} are on for the command yolo; yolo-fer switches them off"
    remedies = []
    if analytics:
        remedies.append("yolo settings sync=False")
    if installs:
        remedies.append("export YOLO_AUTOINSTALL=false")
    return Diagnosis("Ultralytics", Severity.NOTE, text, " ; ".join(remedies))
