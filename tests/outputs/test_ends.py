"""Runs that end badly, with real processes: a kill, Ctrl-C, a disk that is full."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from yolo_fer.images import read
from yolo_fer.inputs.video import VideoFile

ROOT = Path(__file__).parents[2]
WRITE_ALL = """
import resource, sys, time
from contextlib import ExitStack
from pathlib import Path
from tests.helpers.frames import face, frame, noise
from yolo_fer.errors import YoloFerError
from yolo_fer.outputs import *

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
names = sys.argv[3].split(",")
makers = {
    "video": lambda: AnnotatedVideoSink(folder / "a.mp4"),
    "json": lambda: JsonLinesSink(str(folder / "a.jsonl")),
    "csv": lambda: CsvSink(str(folder / "a.csv")),
    "crops": lambda: FaceCropSink(folder / "crops"),
    "timeline": lambda: TimelineSink(folder / "t.png"),
    "summary": lambda: SummarySink(folder / "s.csv"),
}
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    with ExitStack() as stack:
        sinks = [stack.enter_context(makers[name]()) for name in names]
        for index in range(100_000):
            image = noise(index, 160, 120)
            for sink in sinks:
                sink.write(frame(index, face(track=1), image=image))
            print(index, flush=True)
except YoloFerError as error:
    print("error:", error)
except KeyboardInterrupt:
    print("interrupted")
"""


def start(folder: Path, names: str, limit: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITE_ALL, str(folder), str(limit), names],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def wait_for_frame(process: subprocess.Popen[str], index: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == str(index):
            return
    raise AssertionError("the process ended before")


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_was_written_before_a_kill_is_readable(tmp_path: Path) -> None:
    process = start(tmp_path, "video,json,csv,crops,timeline,summary")
    wait_for_frame(process, 100)
    process.kill()
    process.communicate()
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [line["frame"] for line in lines] == list(range(len(lines)))
    assert len(lines) > 100
    assert len(csv_rows(tmp_path / "a.csv")) >= len(lines) - 1
    video = VideoFile(tmp_path / "a.mp4")
    times = [f.time_ms for f in video.frames()]
    assert video.problem is None
    assert len(times) >= len(lines) - 36, "all but the last second, and what the encoder held"
    assert times == pytest.approx([1000 * n / 30 for n in range(len(times))], abs=0.1)
    crops = csv_rows(tmp_path / "crops" / "faces.csv")
    assert len(crops) >= 3
    assert all(read(tmp_path / "crops" / row["file"]).size for row in crops)
    assert not (tmp_path / "t.png").exists(), "a picture that is there is whole"


def test_after_ctrl_c_every_file_is_complete(tmp_path: Path) -> None:
    process = start(tmp_path, "video,json,csv,crops,timeline,summary")
    wait_for_frame(process, 70)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert output.splitlines()[-1] == "interrupted"
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    frames = list(VideoFile(tmp_path / "a.mp4").frames())
    # The interrupt falls between any two sinks, so they may differ by the frame of that moment.
    assert len(frames) == pytest.approx(len(lines), abs=1)
    assert len(csv_rows(tmp_path / "a.csv")) == pytest.approx(len(lines), abs=1)
    (track,) = csv_rows(tmp_path / "s.csv")
    assert int(track["frames"]) == pytest.approx(len(lines), abs=1)
    assert len(csv_rows(tmp_path / "crops" / "faces.csv")) == len(lines) // 30 + 1
    assert read(tmp_path / "t.png").shape[1] > 1000


@pytest.mark.parametrize(
    ("name", "file"), [("video", "a.mp4"), ("json", "a.jsonl"), ("csv", "a.csv")]
)
def test_where_a_file_cannot_grow_the_error_names_it_and_the_rest_is_readable(
    tmp_path: Path, name: str, file: str
) -> None:
    process = start(tmp_path, name, limit=300_000 if name == "video" else 20_000)
    output, _ = process.communicate(timeout=60)
    last = output.splitlines()[-1]
    assert last.startswith(f"error: {tmp_path / file} cannot be written"), last
    if name == "video":
        video = VideoFile(tmp_path / file)
        assert sum(1 for _ in video.frames()) >= 20
    else:
        assert len((tmp_path / file).read_text().splitlines()) > 30


def test_a_crop_that_cannot_be_written_leaves_no_half_file(tmp_path: Path) -> None:
    process = start(tmp_path, "crops", limit=2_000)
    output, _ = process.communicate(timeout=60)
    assert "cannot be written" in output.splitlines()[-1]
    assert ".jpg" in output.splitlines()[-1]
    assert csv_rows(tmp_path / "crops" / "faces.csv") == []
    assert [path.name for path in (tmp_path / "crops").rglob("*") if path.is_file()] == [
        "faces.csv"
    ]


def test_a_full_disk_is_told_from_a_crash(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs rights that this user does not have")
    try:
        process = start(disk, "video")
        output, _ = process.communicate(timeout=60)
        assert output.splitlines()[-1].startswith(f"error: {disk / 'a.mp4'} cannot be written")
        assert "No space left" in output.splitlines()[-1]
        assert sum(1 for _ in VideoFile(disk / "a.mp4").frames()) >= 30
    finally:
        time.sleep(0.1)
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_memory_stays_flat_over_twenty_thousand_frames(tmp_path: Path) -> None:
    def resident(process: subprocess.Popen[str]) -> int:
        status = Path(f"/proc/{process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")
    process = start(tmp_path, "video,json,csv,crops,timeline,summary")
    try:
        wait_for_frame(process, 2_000)
        early = resident(process)
        wait_for_frame(process, 20_000)
        assert resident(process) - early < 5_000, "kB"
    finally:
        process.kill()
        process.communicate()
