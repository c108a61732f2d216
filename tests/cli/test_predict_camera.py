"""`yolo-fer predict` of a camera."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.helpers.captures import Capture
from tests.helpers.command import NEEDS_TRACKS, Run, lines_of

pytest.importorskip("av")


def test_a_camera_that_is_missing_is_an_error_that_says_what_to_do(run: Run, weights: Path) -> None:
    done = run(987, "--weights", weights)
    assert done.returncode == 1
    assert "there is no camera /dev/video987" in done.stderr
    assert "give another index" in done.stderr


@pytest.mark.parametrize("words", [["0"], ["--smooth", "0"]])
def test_a_camera_is_predicted_until_ctrl_c(
    run: Run, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    for name in NEEDS_TRACKS if len(words) > 1 else ():
        pytest.importorskip(name)
    monkeypatch.setattr("yolo_fer.inputs.cameras._open_capture", lambda _: Capture(rate=200))
    out = tmp_path / "x.jsonl"

    def press_when_there_are_lines() -> None:
        while not out.exists() or out.read_bytes().count(b"\n") < 10:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press_when_there_are_lines).start()
    done = run(*words, "--weights", weights, "--json", out)
    assert done.returncode == 130
    lines = lines_of(out)
    assert {line["source"] for line in lines} == {"0"}
    numbers = [line["frame"] for line in lines]
    assert numbers == sorted(set(numbers))
    assert lines[0]["time_ms"] == 0
    assert f"frames: {len(lines)}, faces: {len(lines)}" in done.stderr
