"""Running Ultralytics without anything being installed or downloaded behind the user's back."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, TypeAlias

from yolo_fer.errors import YoloFerError

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*([<>!=~].*)?")

_replacing = threading.RLock()

Requirement: TypeAlias = str | Sequence[str]
"""A requirement as pip takes it, or several of which one is enough."""


class MissingPackagesError(YoloFerError):
    """Packages are missing that belong to no extra of yolo-fer; the message has the command."""


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

    def download(address: Any, *_: Any, **__: Any) -> str:
        if Path(str(address)).exists():
            return str(address)  # Ultralytics asks for each file of weights, also for those here
        raise YoloFerError(
            f"{purpose} needs {address}, which is not there, and nothing is downloaded behind your "
            "back. Fetch it into the current folder yourself, or use another `format`"
        )

    replaced: dict[str, Callable[..., Any]] = {
        "check_requirements": check,
        "attempt_download_asset": download,
        "safe_download": download,
    }
    with _functions_replaced(replaced), no_code_of_datasets():
        yield


@contextmanager
def no_code_of_datasets() -> Iterator[None]:
    """Keep Ultralytics from running what the `download` entry of a data.yaml says.

    Where the images of a set are missing it runs that entry, which may be a program in Python or
    for a shell, or fetches it. Under this it says which images are missing.
    """
    from ultralytics.data import utils

    read = utils.check_det_dataset

    def check(dataset: Any, autodownload: bool = True, split: str = "") -> Any:
        return read(dataset, autodownload=False, split=split)

    with _functions_replaced({"check_det_dataset": check}):
        yield


@contextmanager
def _functions_replaced(replaced: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """Replace functions of Ultralytics by name; one thread at a time, since it is for all."""
    with _replacing:
        # Modules have imported the functions by name, each its own.
        modules = [m for name, m in sys.modules.items() if name.startswith("ultralytics.")]
        before = [(m, n, getattr(m, n)) for m in modules for n in replaced if hasattr(m, n)]
        for module, name, _ in before:
            setattr(module, name, replaced[name])
        try:
            yield
        finally:
            for module, name, function in before:
                setattr(module, name, function)


@contextmanager
def attribute_replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Give a module or class of Ultralytics another attribute, for all threads."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


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
