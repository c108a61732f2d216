"""`yolo-fer predict` as a process that is stopped, killed, or runs out of something."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image as PillowImage

pytest.importorskip("av")

from tests.helpers import stream_server
from tests.helpers.command import NEEDS_TRACKS, frames_in, lines_of
from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.raw_affwild2 import film
from tests.helpers.stream_server import free_port, picture, serving
from yolo_fer.inputs.video import VideoFile

FACE = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})
COMMAND = [sys.executable, "-c", "from yolo_fer.cli.main import main; main()", "predict"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_constant(tmp_path_factory.mktemp("weights") / "one.onnx", raw_output(FACE))


class Running:
    """`yolo-fer predict` on a stream that does not end."""

    def __init__(self, folder: Path, *arguments: object, limit: int | None = None) -> None:
        self.json = folder / "x.jsonl"
        command = [*COMMAND, *map(str, arguments), "--json", str(self.json)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8")
        if limit is not None:  # set from here: this process has threads, and should not be forked
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (limit, limit))

    def wait_for_lines(self, count: int, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.json.exists() and self.json.read_bytes().count(b"\n") >= count:
                return
            if self.process.poll() is not None:
                raise RuntimeError(self.process.communicate()[1])
            time.sleep(0.05)
        raise RuntimeError(f"there are no {count} lines in time")

    def end(self, number: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


@pytest.mark.slow
def test_ctrl_c_ends_with_complete_files_also_after_an_outage(
    weights: Path, tmp_path: Path
) -> None:
    for name in NEEDS_TRACKS:
        pytest.importorskip(name)
    port = free_port()
    server = stream_server.start("mjpeg", port)
    out = tmp_path / "out"
    running = Running(
        tmp_path, f"http://127.0.0.1:{port}/live", "--weights", weights, "--save", out, "--smooth",
        "--csv", tmp_path / "x.csv", "--timeline", tmp_path / "t.png",
        "--summary", tmp_path / "s.csv", "--save-faces", tmp_path / "faces",
    )  # fmt: skip
    running.wait_for_lines(15)
    stream_server.stop(server)
    server = stream_server.start("mjpeg", port)
    running.wait_for_lines(60)
    status, errors = running.end(signal.SIGINT)
    stream_server.stop(server)
    assert status == 130, errors
    lines = lines_of(running.json)
    numbers = [line["frame"] for line in lines]
    assert numbers == sorted(set(numbers))
    times = [line["time_ms"] for line in lines]
    assert times == sorted(set(times))
    (copy,) = out.iterdir()
    assert copy.name == "127-0-0-1-live.mp4"
    video = VideoFile(copy)
    stamps = [frame.time_ms for frame in video.frames()]
    assert video.problem is None
    assert len(stamps) == len(lines), "the last frames are there, too"
    assert stamps == pytest.approx([time_ms - times[0] for time_ms in times], abs=2)
    with (tmp_path / "x.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(lines)
    with (tmp_path / "s.csv").open() as file:
        assert {row["track"] for row in csv.DictReader(file)} >= {"1"}
    with PillowImage.open(tmp_path / "t.png") as image:
        image.load()
    assert errors.count("trying again") == 1
    assert f"frames: {len(lines)}, faces: {len(lines)}" in errors
    assert "reconnects: 1" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(("sign", "ends_with"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_sigterm_work_while_a_source_is_away(
    weights: Path, tmp_path: Path, sign: signal.Signals, ends_with: int
) -> None:
    with serving("mjpeg") as url:
        running = Running(tmp_path, url, "--weights", weights)
        running.wait_for_lines(5)
    time.sleep(1)
    status, errors = running.end(sign)
    assert status == ends_with, errors
    assert "frames: " in errors


@pytest.mark.slow
def test_what_was_written_before_kill_9_is_readable(weights: Path, tmp_path: Path) -> None:
    with serving("mjpeg") as url:
        running = Running(
            tmp_path, url, "--weights", weights, "--save", tmp_path / "out",
            "--csv", tmp_path / "x.csv",
        )  # fmt: skip
        running.wait_for_lines(100)
        running.end(signal.SIGKILL)
    text = running.json.read_text()
    whole = [json.loads(line) for line in text[: text.rindex("\n")].splitlines()]
    assert len(whole) >= 100
    assert (tmp_path / "x.csv").read_text().count("\n") >= 100
    (copy,) = (tmp_path / "out").glob("*.mp4")  # the lock of a killed process is there, too
    video = VideoFile(copy)
    times = [frame.time_ms for frame in video.frames()]
    lost = [line for line in whole if line["time_ms"] - whole[0]["time_ms"] > times[-1] + 1000]
    assert len(lost) <= 36, "all but the last second, and what the encoder held"


@pytest.mark.slow
def test_a_disk_that_fills_during_a_stream_leaves_readable_files(
    weights: Path, tmp_path: Path
) -> None:
    with serving("noise", rate=60) as url:
        running = Running(
            tmp_path, url, "--weights", weights, "--save", tmp_path / "out", limit=300_000
        )
        _, errors = running.process.communicate(timeout=60)
    assert running.process.returncode == 1, errors
    (copy,) = (tmp_path / "out").iterdir()
    assert f"error: {copy} cannot be written (File too large)" in errors
    assert "Traceback" not in errors
    lines = lines_of(running.json)
    assert 1 < frames_in(copy) <= len(lines)


@pytest.mark.slow
def test_memory_stays_flat_over_a_long_stream(weights: Path, tmp_path: Path) -> None:
    for name in NEEDS_TRACKS:
        pytest.importorskip(name)
    path = film(tmp_path / "long.mp4", (picture(n, 128, 64) for n in range(3500)), codec="libx264")
    done = []
    running = Running(
        tmp_path, path, "--weights", weights, "--save", tmp_path / "out", "--smooth",
        "--summary", tmp_path / "s.csv", "--csv", tmp_path / "x.csv",
    )  # fmt: skip
    for count in (1000, 3400):
        running.wait_for_lines(count, 240)
        status = Path(f"/proc/{running.process.pid}/status").read_text()
        done.append(int(next(row.split()[1] for row in status.splitlines() if "VmRSS" in row)))
    assert running.process.wait(60) == 0
    assert done[1] < done[0] * 1.1, f"{done} KB"


def test_a_terminal_sees_how_far_it_is(weights: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        film(tmp_path / f"{name}.mp4", map(picture, range(30)))
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, ".", "--weights", str(weights), "--json", "x.jsonl"],
        cwd=tmp_path, stderr=end, env=os.environ | {"COLUMNS": "120", "TERM": "xterm"},
    )  # fmt: skip
    os.close(end)
    seen = b""
    with contextlib.suppress(OSError):  # how a pseudo terminal says that nobody writes any more
        while part := os.read(terminal, 4096):
            seen += part
    os.close(terminal)
    assert process.wait(60) == 0
    text = seen.decode()
    assert "2 of 2" in text
    assert "frames: 60, faces: 60" in text
