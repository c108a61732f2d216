"""The one way to import Ultralytics: nothing over the network, never a compromised release."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from yolo_fer.errors import MissingExtraError, YoloFerError
from yolo_fer.paths import folder_of
from yolo_fer.runtime.no_reports import switch_off_reports

# Published with a miner inside, see https://github.com/ultralytics/ultralytics/issues/18027.
COMPROMISED = frozenset({"8.3.41", "8.3.42", "8.3.45", "8.3.46"})
_MINIMUM = (8, 4, 190)  # older releases ignore safe_only and would run a checkpoint's code

_FOLDER = "YOLO_CONFIG_DIR"  # Ultralytics' own variable
_USERS_FOLDER = "YOLO_FER_USERS_CONFIG_DIR"  # for processes started by this one
_ENVIRONMENT = {
    # No DNS probe, no update check, no analytics; a named starting weight is still downloaded.
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "ULTRALYTICS_SAFE_LOAD": "true",
}


def import_ultralytics(purpose: str) -> ModuleType:
    """Import Ultralytics with its analytics and its installing of packages switched off.

    The user's settings file is read and left as it is: Ultralytics would write it anew, with the
    folders of the moment, and a later `yolo` would write there. Ultralytics logs to standard
    output; under this import it logs to standard error, so that results can be piped.

    Args:
        purpose: what needs it, for the message when it is missing.

    Raises:
        MissingExtraError: if it is not installed.
        YoloFerError: if the installed release is compromised or too old to load weights safely.
    """
    _check_release(purpose)  # from the metadata: a compromised release acts when it is imported
    os.environ.update(_ENVIRONMENT)
    switch_off_reports()
    if "ultralytics" not in sys.modules:
        _work_on_a_copy_of_the_settings()
    with contextlib.redirect_stdout(sys.stderr), _no_announcements():
        ultralytics = importlib.import_module("ultralytics")
        events = importlib.import_module("ultralytics.utils.events").events
        patches: Any = importlib.import_module("ultralytics.utils.patches")
    events.enabled = False  # for a process that had imported Ultralytics before us
    # Its Image.open would look for a HEIF plug-in, and ask for it, at each file that is no image.
    patches._pil_plugins_registered = True
    for module in (m for name, m in sys.modules.items() if name.startswith("ultralytics.")):
        if hasattr(module, "check_font"):
            vars(module)["check_font"] = _find_font
    return ultralytics


@contextlib.contextmanager
def _no_announcements() -> Iterator[None]:
    """Keep Ultralytics from announcing that it made settings, or made them anew: the copy's."""
    before = logging.root.manager.disable
    logging.disable(max(before, logging.WARNING))
    try:
        yield
    finally:
        logging.disable(before)


def settings_file() -> Path:
    """Return where Ultralytics keeps the user's settings, by its own rules.

    Raises:
        UsageError: if a variable names a folder in the home of a user who does not exist.
    """
    if own := folder_of(_USERS_FOLDER, _FOLDER):
        folder = own
    elif sys.platform == "win32":
        folder = Path.home() / "AppData" / "Roaming"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config")))
    return folder / "Ultralytics" / "settings.json"


def _work_on_a_copy_of_the_settings() -> None:
    """Give Ultralytics a folder that ends with this process, with a copy of the user's settings.

    A process that is started by this one inherits it.
    """
    if _USERS_FOLDER in os.environ:
        return
    users = settings_file()
    folder = tempfile.mkdtemp(prefix="yolo-fer-ultralytics-")
    atexit.register(_remove, folder, os.getpid())
    copy = Path(folder) / "Ultralytics" / users.name
    copy.parent.mkdir()
    with contextlib.suppress(OSError):  # there are none, or they cannot be read
        shutil.copyfile(users, copy)
    os.environ[_USERS_FOLDER] = str(users.parents[1])
    os.environ[_FOLDER] = folder


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # and not a copy of it
        shutil.rmtree(folder, ignore_errors=True)


def _find_font(font: str = "Arial.ttf") -> str | None:
    """Return the file of an installed font; Ultralytics' own search would end at GitHub."""
    fonts: Any = importlib.import_module("matplotlib.font_manager").fontManager
    return next((f.fname for f in fonts.ttflist if font in f.fname), None)


@contextlib.contextmanager
def quiet(least: int = logging.CRITICAL) -> Iterator[None]:
    """Keep Ultralytics from logging, where our own messages say the same or it names its copies.

    Args:
        least: the level of `logging` from which on it may.
    """
    logger: Any = importlib.import_module("ultralytics.utils").LOGGER
    level = logger.level
    logger.setLevel(least)
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
