"""Conversions of Aff-Wild2 whose processes die: nothing is lost but time, and no byte differs."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.converted import contents
from tests.helpers.converted_affwild2 import ALONE, DEFAULT, TWO, command, convert
from tests.helpers.raw_affwild2 import RawAffwild2
from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.options import Run
from yolo_fer.runtime.executor import Workers

pytestmark = pytest.mark.slow
FRAMES = 150


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> RawAffwild2:
    raw = RawAffwild2(tmp_path_factory.mktemp("release") / "raw")
    for i in range(6):
        raw.video(f"v{i}.mp4", [TWO if i % 2 else ALONE] * (FRAMES + i))
        split = "Validation_Set" if i > 3 else "Training_Set"
        raw.labels(f"v{i}", [i] * (FRAMES + i), split)
    return raw


@pytest.fixture(scope="module")
def whole(release: RawAffwild2, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("whole") / "out"
    convert(release, out)
    return contents(out)


def wait_for(out: Path, images: int) -> None:
    deadline = time.monotonic() + 120
    while len(list(out.glob("images/*/*/*.jpg"))) < images:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_conversion_goes_on_and_ends_with_the_same_bytes(
    release: RawAffwild2, whole: dict[str, bytes], tmp_path: Path, workers: int
) -> None:
    out = tmp_path / "out"
    run = command(release, out, "--cache", str(tmp_path / "cache"), "--workers", str(workers))
    process = subprocess.Popen(run, stderr=subprocess.PIPE, text=True)
    wait_for(out, 3 * FRAMES + 20)
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate(timeout=60)  # no worker keeps the pipe open
    assert process.returncode == -signal.SIGKILL, errors
    assert not (out / "data.yaml").exists()
    again = subprocess.run([*run, "--resume"], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert contents(out) == whole


def test_half_written_files_of_a_dead_worker_are_removed(
    release: RawAffwild2, whole: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workers, "as_finished", stop_after_one)
        with pytest.raises(KeyboardInterrupt):
            convert(release, out)
    left = out / "images" / "train" / "v0" / ".00014.jpg.123.tmp"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.touch()
    convert(release, out, run=Run(resume=True))
    assert contents(out) == whole


def test_a_video_that_changed_or_whose_image_is_damaged_is_converted_again(tmp_path: Path) -> None:
    raw, out = RawAffwild2(tmp_path / "raw"), tmp_path / "out"
    for i in range(3):
        raw.video(f"v{i}.mp4", [ALONE] * 4)
        raw.labels(f"v{i}", [i] * 4)

    def killing(items: Iterable[Any], description: str, total: int) -> Any:
        yield from items
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(raw, out, run=Run(progress=killing))
    raw.labels("v0", [1, 1])  # fewer lines
    (raw.label_set / "Training_Set" / "v1.txt").unlink()
    image = out / "images" / "train" / "v2" / "00003.jpg"
    image.write_bytes(image.read_bytes()[:-9])
    raw.labels("v1", [1] * 4, "Validation_Set")

    convert(raw, out, run=Run(resume=True))

    convert(raw, tmp_path / "whole")
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.parametrize("change", ["another person", "another share"])
def test_a_video_of_which_something_else_is_to_be_made_is_converted_again(
    tmp_path: Path, change: str
) -> None:
    """Its own files have the sizes and times that they had."""
    raw, out = RawAffwild2(tmp_path / "raw"), tmp_path / "out"
    for i in range(2):
        raw.video(f"v{i}.mp4", [TWO] * 8)
        raw.labels(f"v{i}", [1] * 6 + [4] * 2)
    options = replace(DEFAULT, frames=FrameChoice(balance=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workers, "as_finished", stop_after_one)
        with pytest.raises(KeyboardInterrupt):
            convert(raw, out, options)
    (done,) = (out / "images" / "train").iterdir()
    if change == "another person":
        path = raw.label_set / "Training_Set" / f"{done.name}.txt"
        path.rename(path.with_stem(f"{done.name}_right"))
    else:
        raw.labels("v1" if done.name == "v0" else "v0", [4] * 8)

    convert(raw, out, options, run=Run(resume=True))

    convert(raw, tmp_path / "whole", options)
    assert contents(out) == contents(tmp_path / "whole")


def stop_after_one(_: Workers, function: Callable[[Any], Any], items: Iterable[Any]) -> Any:
    first = next(iter(items))
    yield first, function(first)
    raise KeyboardInterrupt


def test_ctrl_c_ends_all_processes_at_once(release: RawAffwild2, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = command(release, out, "--cache", str(tmp_path / "cache"), "--workers", "2")
    process = subprocess.Popen(run, stderr=subprocess.PIPE, text=True)
    wait_for(out, 20)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors


def test_a_dask_cluster_that_loses_a_worker_loses_only_time(
    release: RawAffwild2, whole: dict[str, bytes], tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed")
    out = tmp_path / "out"
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        workers = client.run(os.getpid)
        assert len(workers) == 2
        killed = threading.Event()

        def kill() -> None:
            wait_for(out, 20)
            os.kill(next(iter(workers.values())), signal.SIGKILL)
            killed.set()

        killer = threading.Thread(target=kill)
        killer.start()
        convert(release, out, run=Run(dask=cluster.scheduler_address))
        killer.join()
    assert killed.is_set()
    assert contents(out) == whole
