from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from yolo_fer.errors import MissingExtraError, UsageError, YoloFerError
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics, settings_file


@pytest.mark.parametrize("version", ["8.3.41", "8.3.42", "8.3.45", "8.3.46"])
def test_a_compromised_release_is_refused(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: version)
    with pytest.raises(YoloFerError, match=f"{version} is a compromised release"):
        import_ultralytics("testing")


@pytest.mark.parametrize("version", ["8.4.189", "8.3.40", "8.3.49rc1", "7.0"])
def test_a_release_that_cannot_load_safely_is_refused(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: version)
    with pytest.raises(YoloFerError, match="safely"):
        import_ultralytics("testing")


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(MissingExtraError, match=r"testing needs .*yolo-fer\[train\]"):
        import_ultralytics("testing")


def test_it_asks_nobody_prints_nothing_and_leaves_the_settings_alone(tmp_path: Path) -> None:
    pytest.importorskip("ultralytics")
    settings = tmp_path / "Ultralytics" / "settings.json"
    code = """
import socket, sys
def nobody(*a, **k):
    print("asked the network for", a)
    raise OSError
socket.getaddrinfo = socket.create_connection = nobody
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
ultralytics = import_ultralytics("testing")
from ultralytics.utils import AUTOINSTALL, ONLINE
from ultralytics.utils.events import events
assert not (AUTOINSTALL or ONLINE or events.enabled)
ultralytics.YOLO("yolo11n.yaml")
from ultralytics.utils import checks
checks.check_font("no such font.ttf")
from ultralytics.data.utils import check_font
check_font("no such font.ttf")
from yolo_fer.errors import ImageError
from yolo_fer.images import decode
try:
    decode(b"this is no image")
except ImageError as error:
    assert error.reason == "not_an_image", error.reason
"""
    environment = {"YOLO_CONFIG_DIR": str(tmp_path), "PATH": ""}
    for first in (True, False):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment, cwd=Path(__file__).parents[2],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        assert "heif" not in done.stderr
        assert "Settings" not in done.stderr
        if first:  # none yet; the second time there are some of another release
            assert not list(tmp_path.iterdir())
            settings.parent.mkdir()
            settings.write_text('{"settings_version": "0.0.1", "runs_dir": "mine"}')
    assert settings.read_text() == '{"settings_version": "0.0.1", "runs_dir": "mine"}'
    assert [*tmp_path.rglob("*")] == [settings.parent, settings]


def test_settings_in_the_home_of_nobody_are_an_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("YOLO_FER_USERS_CONFIG_DIR", raising=False)
    monkeypatch.setenv("YOLO_CONFIG_DIR", "~no-such-user/x")
    with pytest.raises(UsageError, match="variable YOLO_CONFIG_DIR is ~no-such-user/x"):
        settings_file()
