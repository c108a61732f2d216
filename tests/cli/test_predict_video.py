"""`yolo-fer predict` on videos and streams, as a user runs it."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

pytest.importorskip("av")

from tests.helpers.command import NEEDS_TRACKS, Run, frames_in, lines_of
from tests.helpers.graphs import raw_output, write_colour_meter, write_constant
from tests.helpers.raw_affwild2 import film
from tests.helpers.stream_server import picture


def test_a_video_gives_a_json_line_for_each_frame_with_its_time(
    run: Run, weights: Path, clip: Path
) -> None:
    done = run("clip.mp4", "--weights", weights, "--json", "-")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["frame"] for line in lines] == list(range(30))
    assert [line["time_ms"] for line in lines] == pytest.approx(
        [1000 * n / 30 for n in range(30)], abs=1
    )
    assert {line["source"] for line in lines} == {"clip.mp4"}
    assert {face["emotion"] for line in lines for face in line["faces"]} == {"happiness"}
    account = r"frames: 30, faces: 30 \(happiness 30\), [\d.]+ frames a second\n"
    assert re.fullmatch(account, done.stderr)


def test_without_an_output_option_each_frame_is_a_line(run: Run, weights: Path, clip: Path) -> None:
    done = run("clip.mp4", "--weights", weights)
    lines = done.stdout.splitlines()
    assert len(lines) == 30
    assert lines[3] == "clip.mp4 frame 3 at 0.10 s: happiness 82 %"


def test_a_folder_gives_its_images_and_its_videos_and_a_copy_of_each(
    run: Run, weights: Path, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    film(folder / "a.mp4", map(picture, range(12)))
    film(folder / "a.avi", map(picture, range(5)), codec="mjpeg")
    PillowImage.new("RGB", (320, 320)).save(folder / "b.jpg")
    (folder / "notes.txt").write_text("no picture")
    out = tmp_path / "out"
    done = run(folder, clip, "--weights", weights, "--save", out, "--json", tmp_path / "x.jsonl")
    assert done.returncode == 0, done.stderr
    sources = [line["source"] for line in lines_of(tmp_path / "x.jsonl")]
    names = ["in/a.avi"] * 5 + ["in/a.mp4"] * 12 + ["in/b.jpg"] + ["clip.mp4"] * 30
    assert sources == [f"{tmp_path}/{name}" for name in names]
    told, account = done.stderr.splitlines()
    assert re.search(r"left out: 1 neither image nor video \(for example .*/notes.txt\)$", told)
    assert account.startswith("images: 1, frames: 47, faces: 48 (happiness 48), ")
    assert account.endswith(
        f" images and frames a second; results in {tmp_path / 'x.jsonl'}, {out}"
    )
    copies = {p.relative_to(out).as_posix(): p for p in out.rglob("*") if p.is_file()}
    assert sorted(copies) == ["clip.mp4", "in/a-2.mp4", "in/a.mp4", "in/b.jpg"]
    assert [frames_in(copies[name]) for name in ("in/a.mp4", "in/a-2.mp4")] == [5, 12]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty_video"), (b"no video at all" * 99, "not_a_video"), (None, "missing_video")],
)
def test_a_video_that_cannot_be_read_is_reported_and_the_rest_is_predicted(
    run: Run, weights: Path, clip: Path, content: bytes | None, reason: str
) -> None:
    bad = clip.with_name("bad.mp4")
    if content is not None:
        bad.write_bytes(content)
    out = clip.with_name("x.jsonl")
    done = run(bad, clip, "--weights", weights, "--json", out)
    assert done.returncode == 0, done.stderr
    assert f"1 {reason}, for example {bad}: " in done.stderr
    error, *frames = lines_of(out)
    assert (error["source"], error["frame"], error["faces"]) == (str(bad), None, [])
    assert str(bad) in error["error"]
    assert [line["frame"] for line in frames] == list(range(30))
    alone = run(bad, "--weights", weights)
    assert alone.returncode == 1, "nothing usable, as for a bad image"
    assert "Traceback" not in alone.stderr
    strict = run(bad, clip, "--weights", weights, "--strict", "--json", "-")
    assert strict.returncode == 1


def test_a_damaged_video_keeps_what_decoded(run: Run, weights: Path, tmp_path: Path) -> None:
    path = film(tmp_path / "cut.avi", map(picture, range(40)), codec="mjpeg")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = run(
        path, "--weights", weights, "--json", tmp_path / "x.jsonl", "--save", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    *frames, error = lines_of(tmp_path / "x.jsonl")
    assert 5 < len(frames) < 35
    assert f"decoding stopped after {len(frames)} frames" in error["error"]
    assert "1 damaged_video" in done.stderr
    assert frames_in(tmp_path / "out" / "cut.mp4") == len(frames)


def test_frames_without_a_face_are_no_problem(run: Run, weights: Path, clip: Path) -> None:
    for name in NEEDS_TRACKS:
        pytest.importorskip(name)
    folder = clip.parent
    done = run(
        clip, "--weights", weights, "--conf", 0.95, "--smooth",
        "--json", folder / "x.jsonl", "--csv", folder / "x.csv", "--save", folder / "out",
        "--timeline", folder / "t.png", "--summary", folder / "s.csv",
        "--save-faces", folder / "faces",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("frames: 30, faces: 0, ")
    assert [line["faces"] for line in lines_of(folder / "x.jsonl")] == [[]] * 30
    assert frames_in(folder / "out" / "clip.mp4") == 30
    with (folder / "s.csv").open() as file:
        assert list(csv.DictReader(file)) == []


@pytest.mark.slow
def test_two_hundred_faces_in_a_frame_are_all_followed(run: Run, tmp_path: Path) -> None:
    for name in NEEDS_TRACKS:
        pytest.importorskip(name)
    places = [(16 * column, 32 * row) for column in range(20) for row in range(10)]
    faces = [((x, y, x + 12, y + 24), {n % 7: 0.9}) for n, (x, y) in enumerate(places)]
    weights = write_constant(tmp_path / "many.onnx", raw_output(*faces))
    path = film(tmp_path / "a.mp4", (picture(n, 320, 320) for n in range(6)))
    done = run(
        path, "--weights", weights, "--track", "--json", tmp_path / "x.jsonl",
        "--save", tmp_path / "out", "--timeline", tmp_path / "t.png",
        "--summary", tmp_path / "s.csv",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    last = lines_of(tmp_path / "x.jsonl")[-1]["faces"]
    assert len({face["track"] for face in last} - {None}) == 200


def test_nothing_of_one_video_is_carried_into_the_next(run: Run, tmp_path: Path) -> None:
    for name in NEEDS_TRACKS:
        pytest.importorskip(name)
    weights = write_colour_meter(tmp_path / "meter.onnx")
    shades = [np.full((320, 320, 3), grey, np.uint8) for grey in (250, 100)]
    clips = [film(tmp_path / f"{n}.mp4", [shade] * 9) for n, shade in enumerate(shades)]
    out = tmp_path / "x.jsonl"
    done = run(*clips, "--weights", weights, "--smooth", 60, "--json", out)
    assert done.returncode == 0, done.stderr
    scores = [line["faces"][0]["scores"]["anger"] for line in lines_of(out)]
    assert scores[0] - scores[9] > 0.5, "the second video is not averaged with the first"


@pytest.mark.parametrize(
    "words", [["--smooth", "clip.mp4"], ["clip.mp4", "--smooth"], ["--smooth", "0.3", "clip.mp4"]]
)
def test_smooth_stands_alone_or_before_seconds(
    run: Run, weights: Path, clip: Path, words: list[str]
) -> None:
    for name in NEEDS_TRACKS:
        pytest.importorskip(name)
    done = run(*words, "--weights", weights, "--json", "-")
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["faces"][0]["track"] is not None, "smoothing implies tracking"


def test_images_load_nothing_that_only_videos_need(weights: Path, tmp_path: Path) -> None:
    PillowImage.new("RGB", (320, 320)).save(tmp_path / "a.jpg")
    code = (
        "import sys\n"
        "from yolo_fer.cli.main import main\n"
        "try: main('predict')\n"
        "finally: print([m for m in ('av', 'supervision', 'trackers', 'matplotlib', 'torch',"
        " 'pandas', 'scipy', 'rich.progress') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.jpg"), "--weights", str(weights)],
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


def test_a_missing_package_is_named_with_its_extra(weights: Path, clip: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('av', 'supervision', 'trackers'): sys.modules[name] = None\n"
        "from yolo_fer.cli.main import main\n"
        "main('predict')"
    )
    for words, package in (([str(clip)], "av"), (["0", "--track"], "trackers")):
        done = subprocess.run(
            [sys.executable, "-c", code, *words, "--weights", str(weights), "--json", "x.jsonl"],
            capture_output=True, encoding="utf-8", timeout=60, check=False, cwd=clip.parent,
        )  # fmt: skip
        assert done.returncode == 1
        assert f"needs the package '{package}'" in done.stderr
        assert "yolo-fer[stream]" in done.stderr
    assert not clip.with_name("x.jsonl").exists()
