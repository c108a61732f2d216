"""Running Ultralytics without anything being installed or downloaded behind the user's back."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from typing import Any, NoReturn, TypeAlias

from yolo_fer.errors import YoloFerError

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*([<>!=~].*)?")

Requirement: TypeAlias = str | Sequence[str]
"""A requirement as pip takes it, or several of which one is enough."""


class MissingPackagesError(YoloFerError):
    """Packages are missing that belong to no extra of ours; the message has the command."""


@contextmanager
def nothing_installed(purpose: str) -> Iterator[None]:
    """Make Ultralytics say what is missing, where it would install or download it.

    Its switch YOLO_AUTOINSTALL only lets it go on without the package, into an error that names
    no remedy.

    Args:
        purpose: what needs the packages, for the message.

    Raises:
        MissingPackagesError: instead of an installation.
        YoloFerError: instead of a download.
    """

    def check(
        requirements: Requirement | Sequence[Requirement], *_: Any, cmds: str = "", **__: Any
    ) -> bool:
        wanted = [requirements] if isinstance(requirements, str) else list(requirements)
        choices = [[one] if isinstance(one, str) else list(one) for one in wanted]
        missing = [choice[0] for choice in choices if not any(map(_is_there, choice))]
        if missing:
            raise MissingPackagesError(missing_packages(purpose, missing, cmds))
        return True

    def download(address: Any, *_: Any, **__: Any) -> NoReturn:
        raise YoloFerError(
            f"{purpose} needs {address}, which is not there, and nothing is downloaded behind your "
            "back. Fetch it into the current folder yourself, or use another --format"
        )

    replaced: dict[str, Callable[..., Any]] = {
        "check_requirements": check,
        "attempt_download_asset": download,
        "safe_download": download,
    }
    # Modules have imported the functions by name, each its own.
    modules = [m for name, m in sys.modules.items() if name.startswith("ultralytics.")]
    before = [(m, name, getattr(m, name)) for m in modules for name in replaced if hasattr(m, name)]
    for module, name, _ in before:
        setattr(module, name, replaced[name])
    try:
        yield
    finally:
        for module, name, function in before:
            setattr(module, name, function)


def missing_packages(purpose: str, packages: Sequence[str], options: str = "") -> str:
    """Return the sentence that says what is missing, with the command that installs it."""
    words = " ".join(
        f"'{package}'" if re.search(r"[^\w.-]", package) else package for package in packages
    )
    command = " ".join(filter(None, ("pip install", options, words)))
    plural = "packages that are" if len(packages) > 1 else "a package that is"
    return f"{purpose} needs {plural} not installed. Install with: {command}"


def _is_there(requirement: str) -> bool:
    from ultralytics.utils.checks import check_version

    match = _REQUIREMENT.match(requirement.rpartition("/")[-1].replace(".git", ""))
    if match is None:
        return False
    try:
        version = metadata.version(match[1])
    except metadata.PackageNotFoundError:
        return False
    return bool(check_version(version, (match[2] or "").strip()))
