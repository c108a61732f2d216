"""Files whose parts do not follow each other, or were changed, are not taken for whole ones."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.frames import grey, noise
from tests.helpers.raw_affwild2 import film
from yolo_fer.images import Image
from yolo_fer.inputs.video import VideoFile


def moving(count: int) -> list[Image]:
    images = []
    for index in range(count):
        image = grey()
        image[20:40, 2 * index : 2 * index + 20] = noise(index)[20:40, :20]
        images.append(image)
    return images


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "libx264"), ("a.webm", "libvpx")])
def test_a_matroska_file_that_is_cut_short_is_not_taken_for_a_whole_one(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = film(tmp_path / name, [noise(seed) for seed in range(30)], codec=codec)
    whole = VideoFile(path)
    assert len(list(whole.frames())) == 30
    assert whole.problem is None
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = VideoFile(path)
    assert 0 < len(list(video.frames())) < 30
    assert video.problem is not None
    assert video.problem.reason == "damaged_video"
    assert "cut short" in video.problem.detail


def test_a_transport_stream_tells_by_its_packets_what_is_missing(tmp_path: Path) -> None:
    path = film(tmp_path / "a.ts", moving(30), codec="libx264")
    whole = VideoFile(path)
    assert len(list(whole.frames())) == 30
    assert whole.problem is None
    data = path.read_bytes()
    middle = len(data) // 188 // 2 * 188
    for damaged in (
        data[: middle + 50],
        data[:middle] + data[middle + 188 :],
        data[:middle] + b"\xff" + data[middle + 1 :],
    ):
        path.write_bytes(damaged)
        video = VideoFile(path)
        assert list(video.frames())
        assert video.problem is not None
        assert video.problem.reason == "damaged_video"


def test_a_transport_stream_that_is_out_of_step_from_its_second_packet_on(tmp_path: Path) -> None:
    """FFmpeg finds its step again, and begins in the middle."""
    path = film(tmp_path / "a.ts", moving(30), codec="mpeg2video")
    data = path.read_bytes()
    path.write_bytes(data[:78] + bytes(188) + data[590:])
    video = VideoFile(path)
    assert len(list(video.frames())) < 30
    assert video.problem is not None
    assert video.problem.reason == "damaged_video"


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_flipped_bit_in_a_matroska_file_with_checksums(tmp_path: Path, codec: str) -> None:
    path = film(tmp_path / "a.mkv", moving(30), codec=codec)
    data = path.read_bytes()
    first, last = data.find(b"\x1f\x43\xb6\x75"), data.rfind(b"\x1c\x53\xbb\x6b")
    rng = random.Random(codec)
    for _ in range(10):
        damaged = bytearray(data)
        damaged[rng.randrange(first + 30, last)] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        video = VideoFile(path)
        for _ in video.frames():
            pass
        assert video.problem is not None
        assert video.problem.reason == "damaged_video"


@pytest.mark.parametrize("changed", ["kind", "track"])
def test_a_frame_of_a_webm_file_that_is_skipped(tmp_path: Path, changed: str) -> None:
    """FFmpeg passes over what is of no kind, or of no track, that it knows."""
    path = film(tmp_path / "a.webm", moving(30), codec="libvpx-vp9")
    data = bytearray(path.read_bytes())
    blocks = [
        at
        for at in np.flatnonzero(np.frombuffer(data, np.uint8) == 0xA3).tolist()
        # A simple block with a size of two bytes, of track 1, within the first second
        if data[at + 1] & 0xC0 == 0x40 and data[at + 3] == 0x81 and data[at + 4] < 4
    ]
    assert len(blocks) >= 29
    data[blocks[14] + (0 if changed == "kind" else 3)] ^= 1 if changed == "kind" else 4
    path.write_bytes(data)
    video = VideoFile(path)
    assert len(list(video.frames())) <= 29
    assert video.problem is not None
    assert video.problem.reason == "damaged_video"
