from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pytest

from tests.helpers.command import Done, Run
from yolo_fer.cli.main import main

FACE = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that finds one happy face in every image."""
    pytest.importorskip("onnx")
    from tests.helpers.graphs import raw_output, write_constant

    return write_constant(tmp_path_factory.mktemp("weights") / "one.onnx", raw_output(FACE))


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`clip.mp4` in the current folder."""
    pytest.importorskip("av")
    from tests.helpers.raw_affwild2 import film
    from tests.helpers.stream_server import picture

    monkeypatch.chdir(tmp_path)
    return film(tmp_path / "clip.mp4", map(picture, range(30)), codec="libx264")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call `predict` as its process would, without the second that a process takes."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr(sys, "argv", ["yolo-fer"])

    def call(*arguments: object) -> Done:
        with pytest.raises(SystemExit) as end:
            main("predict", *map(str, arguments))
        printed = capsys.readouterr()
        return Done(int(end.value.code or 0), printed.out, printed.err)

    return call
