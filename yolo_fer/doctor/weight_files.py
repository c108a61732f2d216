"""Which weights are here, whether they are whole, and whether a shipped network opens."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from yolo_fer.doctor.finding import Diagnosis, Severity
from yolo_fer.errors import YoloFerError
from yolo_fer.weights import store as weights
from yolo_fer.weights.entry import Shipped
from yolo_fer.weights.shipped import shipped_folder

_LITTLE_SPACE = 500_000_000  # bytes


def examine_weights() -> list[Diagnosis]:
    """Look at the shipped and the fetched weights and the room in the cache."""
    try:
        inspections = [weights.inspect(entry) for entry in weights.entries()]
    except YoloFerError as error:
        return [Diagnosis("weights", Severity.PROBLEM, str(error), _restore_shipped())]
    shipped = [i for i in inspections if isinstance(i.entry.source, Shipped)]
    others = [i for i in inspections if not isinstance(i.entry.source, Shipped)]
    return [_examine_shipped(shipped), *_examine_others(others), examine_space()]


def _examine_shipped(shipped: list[weights.Inspection]) -> Diagnosis:
    topic = "shipped weights"
    bad = [weights.describe_trouble(i) for i in shipped if i.state is not weights.State.OK]
    if bad:
        return Diagnosis(topic, Severity.PROBLEM, " ".join(bad), _restore_shipped())
    try:
        from yolo_fer.runtime.onnx_runtime import open_session

        detector = weights.default_detector()
        open_session(detector)
    except (YoloFerError, ImportError) as error:
        return Diagnosis(topic, Severity.PROBLEM, str(error), _restore_shipped())
    names = ", ".join(i.entry.name for i in shipped)
    return Diagnosis(topic, Severity.OK, f"{names}: whole; {detector.name} opens")


def _restore_shipped() -> str:
    in_checkout = (shipped_folder().parent / "pyproject.toml").is_file()
    return (
        f"git -C {shipped_folder().parent} checkout -- weights"
        if in_checkout
        else "pip install --force-reinstall --no-deps ."  # in a clone, as troubleshooting.md says
    )


def _examine_others(others: list[weights.Inspection]) -> list[Diagnosis]:
    findings = []
    by_state = {state: [i for i in others if i.state is state] for state in weights.State}
    here = ", ".join(i.entry.name for i in by_state[weights.State.OK])
    if here:
        findings.append(Diagnosis("other weights", Severity.OK, f"{here}: whole"))
    for state in (weights.State.CUT_SHORT, weights.State.MISMATCH):
        for inspection in by_state[state]:
            text = f"{inspection.path}: {state}"
            remedy = f"yolo-fer weights get {inspection.entry.name}"
            findings.append(Diagnosis("other weights", Severity.WARNING, text, remedy))
    for inspection in by_state[weights.State.UNRECORDED]:
        text = f"the hash of {inspection.path} is not recorded"
        remedy = f"yolo-fer weights get {inspection.entry.name}"
        findings.append(Diagnosis("other weights", Severity.NOTE, text, remedy))
    missing = ", ".join(i.entry.name for i in by_state[weights.State.MISSING])
    if missing:
        text = f"not here, and not needed for prediction: {missing}"
        findings.append(
            Diagnosis("other weights", Severity.NOTE, text, "yolo-fer weights get NAME")
        )
    return findings


def examine_space() -> Diagnosis:
    """Look at the free space where fetched weights go."""
    folder = weights.cache_folder()
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.is_dir())
    free = shutil.disk_usage(existing).free
    text = f"{folder}, {free / 1e9:.1f} GB free"
    if not os.access(existing, os.W_OK):
        return Diagnosis("cache", Severity.WARNING, f"{folder} cannot be written", _OTHER_FOLDER)
    if free < _LITTLE_SPACE:
        return Diagnosis("cache", Severity.WARNING, text, _OTHER_FOLDER)
    return Diagnosis("cache", Severity.OK, text)


_OTHER_FOLDER = f"export YOLO_FER_CACHE={Path('/another/folder')}"
