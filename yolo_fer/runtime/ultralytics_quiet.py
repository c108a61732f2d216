"""The one way to import Ultralytics: nothing over the network, never a compromised release."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
from collections.abc import Iterator
from importlib import metadata
from types import ModuleType
from typing import Any

from yolo_fer.errors import MissingExtraError, YoloFerError

# Published with a miner inside, see https://github.com/ultralytics/ultralytics/issues/18027.
COMPROMISED = frozenset({"8.3.41", "8.3.42", "8.3.45", "8.3.46"})
_MINIMUM = (8, 4, 190)  # older releases ignore safe_only and would run a checkpoint's code

_ENVIRONMENT = {
    # No DNS probe, no update check, no analytics; a named starting weight is still downloaded.
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "ULTRALYTICS_SAFE_LOAD": "true",
}


def import_ultralytics(purpose: str) -> ModuleType:
    """Import Ultralytics with its analytics and its installing of packages switched off.

    The user's settings file is left as it is. Ultralytics logs to standard output; under this
    import it logs to standard error, so that results can be piped.

    Args:
        purpose: what needs it, for the message when it is missing.

    Raises:
        MissingExtraError: if it is not installed.
        YoloFerError: if the installed release is compromised or too old to load weights safely.
    """
    _check_release(purpose)  # from the metadata: a compromised release acts when it is imported
    os.environ.update(_ENVIRONMENT)
    with contextlib.redirect_stdout(sys.stderr):
        ultralytics = importlib.import_module("ultralytics")
        events = importlib.import_module("ultralytics.utils.events").events
        patches: Any = importlib.import_module("ultralytics.utils.patches")
    events.enabled = False  # for a process that had imported Ultralytics before us
    # Its Image.open would look for a HEIF plug-in, and ask for it, at each file that is no image.
    patches._pil_plugins_registered = True
    return ultralytics


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Ultralytics from logging, where our own messages say the same or it names its copies."""
    logger: Any = importlib.import_module("ultralytics.utils").LOGGER
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _check_release(purpose: str) -> None:
    try:
        version = metadata.version("ultralytics")
    except metadata.PackageNotFoundError as error:
        raise MissingExtraError("ultralytics", "train", purpose) from error
    if version in COMPROMISED:
        raise YoloFerError(
            f"ultralytics {version} is a compromised release that ran foreign code. Uninstall it, "
            "check the machine, and install a current one: pip install 'yolo-fer[train]'"
        )
    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
    if numbers < _MINIMUM:
        raise YoloFerError(
            f"ultralytics {version} cannot load weights safely. "
            "Install a current one: pip install --upgrade 'yolo-fer[train]'"
        )
