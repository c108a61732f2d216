from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.command import yolo_fer
from tests.helpers.converted import contents
from tests.helpers.raw_expw import RawExpw

KEEP = ("--unlabelled", "keep")


def fill(raw: RawExpw, count: int) -> Path:
    for i in range(count):
        raw.face(f"{i}.jpg", seed=i, label=i % 7)
    return raw.write()


def test_the_ledger_is_printed_and_the_status_is_0_though_rows_were_bad(
    raw: RawExpw, tmp_path: Path
) -> None:
    fill(raw, 10)
    raw.row("missing.jpg")
    done = yolo_fer("convert", "expw", raw.write(), "--out", tmp_path / "out", *KEEP)
    assert done.returncode == 0, done.stderr
    assert "dropped: missing_image" in done.stdout
    assert "dropped.csv" in done.stdout
    assert "has no face of" in done.stderr
    report = json.loads((tmp_path / "out" / "conversion_report.json").read_text())
    assert report["rows_in"] == 11


def test_strict_makes_bad_rows_a_failure(raw: RawExpw, tmp_path: Path) -> None:
    fill(raw, 3)
    raw.row("missing.jpg")
    done = yolo_fer("convert", "expw", raw.write(), "--out", tmp_path / "out", *KEEP, "--strict")
    assert done.returncode == 1
    assert "1 bad rows" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["nowhere", "--out", "x"], 1, "is not a folder"),
        (["raw", "--out", "raw"], 2, "holds the raw dataset"),
        (["raw", "--out", "x", "--val", "0.6", "--test", "0.5"], 2, "leave nothing for training"),
        (["raw", "--out", "x", "--unlabelled", "hide"], 2, "hide"),
        (["raw", "--out", "x", "--finder", "eyes"], 2, "eyes"),
        (["raw", "--out", "full"], 2, "not empty"),
        (["raw"], 2, "--out"),
    ],
)
def test_wrong_usage_is_named(
    raw: RawExpw, tmp_path: Path, arguments: list[str], status: int, message: str
) -> None:
    fill(raw, 2)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    done = yolo_fer("convert", "expw", *arguments, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sign", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)]
)
def test_a_stopped_conversion_goes_on_and_ends_with_the_same_bytes(
    raw: RawExpw, tmp_path: Path, sign: signal.Signals, status: int
) -> None:
    root = fill(raw, 1500)
    arguments = ["convert", "expw", root, *KEEP, "--workers", "2"]
    assert yolo_fer(*arguments, "--out", tmp_path / "whole").returncode == 0
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "yolo_fer", *map(str, arguments), "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = out / ".work" / "scans.jsonl"
    while process.poll() is None and not (journal.exists() and journal.stat().st_size):
        time.sleep(0.01)
    process.send_signal(sign)
    _, errors = process.communicate(timeout=60)  # no worker keeps the pipe open
    assert process.returncode == status, errors
    assert "Traceback" not in errors
    assert not (out / "data.yaml").exists()
    again = yolo_fer(*arguments, "--out", out, "--resume")
    assert again.returncode == 0, again.stderr
    assert contents(out) == contents(tmp_path / "whole")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 300 kB, which only root can make."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=300k", "tmpfs"]
    if os.name != "posix" or subprocess.run(["mount", *options, disk]).returncode:
        pytest.skip("making a small disk needs root and mount")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_is_named_and_the_conversion_goes_on_when_there_is_room(
    raw: RawExpw, tmp_path: Path, small_disk: Path
) -> None:
    root = fill(raw, 70)
    assert yolo_fer("convert", "expw", root, "--out", tmp_path / "whole", *KEEP).returncode == 0
    arguments = ["convert", "expw", root, "--out", small_disk / "out", *KEEP]
    failed = yolo_fer(*arguments)
    assert failed.returncode == 1
    assert "No space left" in failed.stderr
    assert "--resume" in failed.stderr
    assert "Traceback" not in failed.stderr
    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    again = yolo_fer(*arguments, "--resume")
    assert again.returncode == 0, again.stderr
    assert contents(small_disk / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("command", [[], ["convert"], ["convert", "expw"], ["train"]])
def test_help_says_what_a_command_does(command: list[str]) -> None:
    done = yolo_fer(*command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from yolo_fer.cli import main; "
        "print(sorted({'numpy', 'cv2', 'torch', 'ultralytics', 'pandas', 'matplotlib', "
        "'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
