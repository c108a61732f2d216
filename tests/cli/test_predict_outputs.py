"""Where `yolo-fer predict` writes: never over a source, to pipes, and to a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image as Pillow

from tests.helpers.command import NEEDS_TRACKS, Run
from yolo_fer.cli.predict_outputs import Outputs

pytest.importorskip("av")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["clip.mp4", "--blur"], "--blur hides the faces in pictures; add --save"),
        (["clip.mp4", "--json", "-", "--csv", "-"], "only one of"),
        (["clip.mp4", "--json", "x", "--csv", "./x"], "--json and --csv both write to x"),
        (
            ["clip.mp4", "--csv", "f/faces.csv", "--save-faces", "f"],
            "faces.csv would be written twice",
        ),
        (["http://[bad"], "this is no address"),
        (["0", "clip.mp4"], "0: it never ends, so nothing can follow it"),
        (["ftp://server/clip.mp4"], "rtsp://"),
        (["clip.mp4", "--smooth=-1"], "number above 0"),
        (["clip.mp4", "--smooth", "-1"], "number above 0"),
        (["clip.mp4", "--smooth", "0"], "--smooth 0.0: give the seconds as a number above 0"),
        (["--smooth", "0", "clip.mp4"], "--smooth 0.0: give the seconds as a number above 0"),
        (["clip.mp4", "--summary", "_tracks"], "--summary needs the name of a file"),
        (["clip.mp4", "--timeline", "t.jpg"], ".png"),
    ],
)
def test_what_cannot_work_is_wrong_usage_and_writes_nothing(
    run: Run, weights: Path, clip: Path, words: list[str], message: str
) -> None:
    for name in NEEDS_TRACKS:
        pytest.importorskip(name)
    done = run(*words, "--weights", weights)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "frames:" not in done.stderr
    assert [path.name for path in clip.parent.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize("name", [field.name for field in fields(Outputs) if field.default is None])
def test_every_result_has_a_place_that_no_source_may_have(name: str) -> None:
    assert Outputs(**{name: "x"}).places == ["x"]  # type: ignore[arg-type]


@pytest.mark.skipif(not Path("/dev").is_dir(), reason="needs device files")
@pytest.mark.parametrize("option", ["--json", "--csv", "--summary"])
def test_a_video_is_never_written_over(run: Run, weights: Path, clip: Path, option: str) -> None:
    before = clip.read_bytes()
    done = run("clip.mp4", "--weights", weights, option, f"./{clip.name}", "--overwrite")
    assert done.returncode == 2
    assert "clip.mp4 is to be predicted" in done.stderr
    assert clip.read_bytes() == before


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("names", [("clip.mov", "clip.mp4"), ("photo.png", "photo.jpg")])
def test_a_copy_never_replaces_another_input(
    run: Run, weights: Path, clip: Path, names: tuple[str, str], linked: bool
) -> None:
    """The copy of the first is called as the second, a video whatever its name, or a link to it."""
    folder, out = clip.parent / "in", clip.parent / "out"
    folder.mkdir()
    out.mkdir()
    first, second = (folder / name for name in names)
    if first.suffix == ".png":
        Pillow.new("RGB", (320, 320)).save(first)
    else:
        first.write_bytes(clip.read_bytes())
    second.write_bytes(clip.read_bytes())
    before = [path.read_bytes() for path in (first, second)]
    (out / second.name).symlink_to(second)
    target = out if linked else folder
    done = run(folder, "--weights", weights, "--save", target, "--json", "x", "--overwrite")
    assert done.returncode == 2, done.stderr
    assert f"{target / second.name} is to be predicted and would be lost" in done.stderr
    assert [path.read_bytes() for path in (first, second)] == before
    assert sorted(path.name for path in clip.parent.rglob("*")) == sorted(
        ["clip.mp4", "in", *names, "out", second.name]
    ), "nothing was opened"


def test_crops_are_not_written_among_images_to_predict(
    run: Run, weights: Path, clip: Path, tmp_path: Path
) -> None:
    """Their names could be those of the crops of an earlier run."""
    folder = tmp_path / "in"
    (folder / "happiness").mkdir(parents=True)
    image = folder / "happiness" / "a.jpg"
    Pillow.new("RGB", (320, 320)).save(image)
    before = image.read_bytes()
    done = run(folder, "--weights", weights, "--save-faces", folder, "--overwrite")
    assert done.returncode == 2
    assert "happiness/a.jpg is to be predicted" in done.stderr
    assert image.read_bytes() == before
    assert sorted(path.name for path in folder.rglob("*")) == ["a.jpg", "happiness"]
    done = run(image, "--weights", weights, "--save-faces", tmp_path / "faces")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("option", [(), ("--json", "-"), ("--csv", "-"), ("--summary", "-")])
def test_standard_output_that_is_full_is_an_error(
    weights: Path, clip: Path, option: tuple[str, ...]
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    if "--summary" in option:
        pytest.importorskip("trackers")
    command = [sys.executable, "-m", "yolo_fer", "predict", str(clip), "--weights", str(weights)]
    with full.open("w") as target:
        done = subprocess.run([*command, *option], stdout=target, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "error: standard output cannot be written (No space left on device)" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_named_pipe_may_be_written_to(run: Run, weights: Path, clip: Path) -> None:
    pipe = clip.with_name("pipe")
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(
        target=lambda: read.extend(pipe.read_text().splitlines()), daemon=True
    )
    reader.start()
    done = run("clip.mp4", "--weights", weights, "--json", pipe)
    reader.join(60)
    assert done.returncode == 0, done.stderr
    assert len(read) == 30


def test_a_full_disk_is_an_error_that_names_the_file(run: Run, weights: Path, clip: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    done = run(clip, "--weights", weights, "--json", "/dev/full", "--overwrite")
    assert done.returncode == 1
    assert "error: /dev/full cannot be written (No space left on device)" in done.stderr
    assert "Traceback" not in done.stderr
