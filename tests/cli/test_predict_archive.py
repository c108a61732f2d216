"""`yolo-fer predict --out` as a user runs it."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import onnxruntime
import pytest

pytest.importorskip("av")

from tests.helpers.archives import content, draw, film, ledger
from tests.helpers.command import Run, yolo_fer
from tests.helpers.dask_clusters import ROOT, free_port, scheduler, worker
from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.meters import write_brightness_meter
from yolo_fer.cli.predict_archive import _workers
from yolo_fer.cli.predict_options import ArchiveFlags, FollowFlags, PredictOptions
from yolo_fer.cli.predict_outputs import Outputs
from yolo_fer.systems import SystemOptions

FACE = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})
PREDICT = ("predict", "in", "--weights", "one.onnx", "--out", "out", "--format", "csv")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with `one.onnx`, and `in` with two images and two videos."""
    write_constant(tmp_path / "one.onnx", raw_output(FACE))
    for name in ("a", "b"):
        draw(tmp_path / "in" / f"{name}.png")
        film(tmp_path / "in" / f"{name}.mp4")
    return tmp_path


def test_an_archive_is_predicted_and_its_account_is_told(place: Path) -> None:
    (place / "in" / "bad.mp4").write_bytes(b"no video")
    (place / "in" / "notes.txt").write_text("nothing to see")
    done = yolo_fer(*PREDICT, "--workers", "1", "--smooth", "--summary", cwd=place)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    left_out, account, bad = done.stderr.splitlines()
    assert left_out == ("warning: left out: 1 neither image nor video (for example in/notes.txt)")
    assert account == (
        "sources: 5 = 4 done + 1 failed, images: 2, videos: 2, frames: 20, faces: 22; "
        "results in out"
    )
    assert bad.startswith("warning: 1 not_a_video, for example in/bad.mp4: ")
    assert {path.name for path in (place / "out").iterdir()} == {
        "_run.json", "_sources", "_tracks", "faces",
    }  # fmt: skip
    strict = yolo_fer(*PREDICT, "--workers", "1", "--smooth", "--summary", "--resume", "--strict",
                      cwd=place)  # fmt: skip
    assert strict.returncode == 1
    assert "error: 1 sources could not be read to their end" in strict.stderr


def test_nothing_usable_is_status_1(place: Path) -> None:
    arguments = ("--weights", "one.onnx", "--out", "out", "--workers", "1", "--format", "csv")
    done = yolo_fer("predict", "missing.png", *arguments, cwd=place)
    assert done.returncode == 1
    assert "error: nothing could be read" in done.stderr
    assert ledger(place / "out")["missing.png"]["error"] == "missing_image"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--json", "x.jsonl"), "--json does not go with --out"),
        (("--show",), "--show does not go with --out"),
        (
            ("--summary", "x.csv"),
            "--summary takes no name with --out: it writes to _tracks in there",
        ),
        (("--timeline=x.png",), "--timeline takes no name with --out: it writes to _timelines"),
        (("--format", "xml"), "--format xml is unknown; give parquet, jsonl, csv"),
        (("--resume", "--overwrite"), "--resume goes on and --overwrite begins anew"),
        (("--workers", "2", "--dask", "tcp://127.0.0.1:9"), "give one of them"),
        (("--blur",), "--blur hides the faces in pictures"),
    ],
)
def test_wrong_usage_is_status_2_and_writes_nothing(
    place: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = yolo_fer("predict", "in", "--weights", "one.onnx", "--out", "out", *arguments, cwd=place)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert not (place / "out").exists()


@pytest.mark.parametrize("kept", ["variable", "file"])
def test_options_stand_alone_where_the_folder_is_kept_as_a_default(
    place: Path, run: Run, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    if kept == "variable":
        monkeypatch.setenv("YOLO_FER_PREDICT_OUT", "out")
    else:
        (place / "yolo-fer.toml").write_text("[predict]\nout = 'out'")
    options = ("--weights", "one.onnx", "--format", "csv", "--workers", "1", "--track")
    done = run("in/a.mp4", *options, "--summary")
    assert done.returncode == 0, done.stderr
    assert len(list((place / "out" / "_tracks").iterdir())) == 1
    lines = run("in/a.mp4", "--weights", "one.onnx", "--json", "x.jsonl", "--summary")
    assert lines.returncode == 2
    assert "--summary needs the name of a file" in lines.stderr
    assert not (place / "_tracks").exists()


@pytest.mark.parametrize(
    ("device", "processes"), [("cpu", 0), ("0", 1), ("CUDA:1", 1), ("cuda", 1), ("auto", 1)]
)
def test_a_gpu_has_one_process(
    device: str, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_gpu = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: has_gpu)
    system = SystemOptions(device=device)
    archive = ArchiveFlags(Path("out"))
    options = PredictOptions(("in",), system, FollowFlags(), Outputs(), archive)
    assert _workers(options) == processes


@pytest.mark.parametrize(
    "arguments", [("--resume",), ("--workers", "2"), ("--dask", "tcp://x:1"), ("--format", "csv")]
)
def test_what_is_for_archives_needs_a_folder(place: Path, arguments: tuple[str, ...]) -> None:
    done = yolo_fer("predict", "in", "--weights", "one.onnx", *arguments, cwd=place)
    assert done.returncode == 2
    assert f"{arguments[0]} is for archives; say with --out where the results go" in done.stderr


def test_missing_weights_are_told_before_anything_is_written(place: Path) -> None:
    done = yolo_fer("predict", "in", "--weights", "two.onnx", "--out", "out", cwd=place)
    assert done.returncode == 1
    assert "two.onnx" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (place / "out").exists()


def test_a_terminal_sees_how_far_it_is(place: Path) -> None:
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "yolo_fer", *PREDICT, "--workers", "1"]
    environment = os.environ | {"COLUMNS": "120", "TERM": "xterm", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=place, stderr=end, env=environment)
    os.close(end)
    seen = b""
    with contextlib.suppress(OSError):  # how a pseudo terminal says that nobody writes any more
        while part := os.read(terminal, 4096):
            seen += part
    os.close(terminal)
    assert process.wait(60) == 0
    assert "4 of 4" in seen.decode()
    assert "frames a second" in seen.decode()


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_was_stopped_goes_on_with_the_same_bytes(
    place: Path, sign: signal.Signals
) -> None:
    for number in range(30):
        film(place / "in" / f"v{number}.mp4", 40)
    whole = yolo_fer(*PREDICT, "--workers", "2", cwd=place)
    assert whole.returncode == 0, whole.stderr
    (place / "out").rename(place / "whole")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "yolo_fer", *PREDICT, "--workers", "2"]
    process = subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, env=environment)
    while len([*(place / "out").glob("_sources/*.csv")]) < 5:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(sign)
    _, errors = process.communicate(timeout=60)
    assert b"Traceback" not in errors
    assert (b"--resume goes on with it" in errors) == (sign is not signal.SIGKILL)
    assert process.returncode == {signal.SIGKILL: -9, signal.SIGINT: 130}.get(sign, 143)
    assert json.loads((place / "out" / "_run.json").read_text())["complete"] is False
    assert len([*(place / "out").glob("_sources/*.csv")]) < 30
    resumed = yolo_fer(*PREDICT, "--workers", "2", "--resume", cwd=place)
    assert resumed.returncode == 0, resumed.stderr
    lock = {".lock"}  # of the killed process
    written, expected = content(place / "out"), content(place / "whole")
    assert {k: v for k, v in written.items() if k not in lock} == expected


@pytest.mark.slow
def test_a_cluster_writes_the_same_bytes_and_without_the_weights_nothing(place: Path) -> None:
    pytest.importorskip("distributed")
    assert yolo_fer(*PREDICT, "--workers", "1", cwd=place).returncode == 0
    (place / "out").rename(place / "one")
    with scheduler() as address, worker(address), worker(address):
        done = yolo_fer(*PREDICT, "--dask", address, cwd=place)
        assert done.returncode == 0, done.stderr
        assert content(place / "out") == content(place / "one")
    write_brightness_meter(place / "meter.onnx")
    pipeline = ("predict", "in", "--pipeline", "haar+meter.onnx", "--out", "new")
    with scheduler() as address, worker(address):  # in another folder, where no such file is
        done = yolo_fer(*pipeline, "--dask", address, "--format", "csv", cwd=place)
    assert done.returncode == 1
    assert "cannot be used: tcp://" in done.stderr
    assert "there is no classifier 'meter.onnx'" in done.stderr
    assert not (place / "new").exists()


@pytest.mark.slow
def test_a_scheduler_that_dies_and_comes_back_costs_only_time(place: Path) -> None:
    pytest.importorskip("distributed")
    for number in range(30):
        film(place / "in" / f"v{number}.mp4", 60)
    assert yolo_fer(*PREDICT, "--workers", "1", cwd=place).returncode == 0
    (place / "out").rename(place / "one")
    port = free_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with ExitStack() as first:
        address = first.enter_context(scheduler(port))
        first.enter_context(worker(address))
        command = [sys.executable, "-m", "yolo_fer", *PREDICT, "--dask", address]
        process = subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, env=environment)
        while len([*(place / "out").glob("_sources/*.csv")]) < 3:
            assert process.poll() is None
            time.sleep(0.02)
    with scheduler(port) as address, worker(address):
        _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    assert b"went away" in errors
    assert b"Traceback" not in errors
    assert content(place / "out") == content(place / "one")
