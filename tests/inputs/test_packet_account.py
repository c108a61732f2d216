"""As much decodes as a file announces, or it is damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.raw_affwild2 import film
from tests.helpers.videos import noisy, pictures, shades
from yolo_fer.inputs.video import VideoFile


def test_a_container_that_lies_about_its_length_is_not_believed(tmp_path: Path) -> None:
    path = film(tmp_path / "a.avi", pictures(30))
    data = bytearray(path.read_bytes())
    for tag, offset in ((b"avih", 8 + 16), (b"strh", 8 + 32)):
        at = data.find(tag) + offset
        assert int.from_bytes(data[at : at + 4], "little") == 30
        data[at : at + 4] = (7).to_bytes(4, "little")
    path.write_bytes(data)
    assert shades(VideoFile(path)) == list(range(30))


@pytest.mark.parametrize("repeated", [[5], [1, 2, 7]])
def test_frames_of_an_avi_that_repeat_the_one_before_are_not_missing(
    tmp_path: Path, repeated: list[int]
) -> None:
    path = film(tmp_path / "a.avi", pictures(30))
    _empty_chunks(path, repeated)
    video = VideoFile(path)
    assert shades(video) == [number for number in range(30) if number not in repeated]
    assert video.problem is None


def _empty_chunks(path: Path, chosen: list[int]) -> None:
    """Take the data of some frames out of an AVI file, as a recorder does that has nothing new."""
    data = path.read_bytes()
    start, index = data.index(b"movi") + 4, data.index(b"idx1")
    chunks, entries, at = b"", b"", start
    for number in range(len(data[index + 8 :]) // 16):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        empty = data[at : at + 4] + bytes(4)
        end = at + 8 + size + size % 2
        chunk = empty if number in chosen else data[at:end]
        flags = data[index + 8 + 16 * number :][4:8]
        entries += chunk[:4] + flags + (len(chunks) + 4).to_bytes(4, "little") + chunk[4:8]
        chunks, at = chunks + chunk, end
    movi = (len(chunks) + 4).to_bytes(4, "little") + b"movi" + chunks
    rest = data[8 : start - 8] + movi + data[index : index + 8] + entries
    path.write_bytes(b"RIFF" + len(rest).to_bytes(4, "little") + rest)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.webm", "libvpx"), ("a.webm", "libvpx-vp9"), ("a.mkv", "mjpeg")],
)
def test_a_damaged_video_of_which_less_decodes_than_it_announces_is_never_whole(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = film(tmp_path / name, noisy(30), codec=codec)
    whole, data = list(VideoFile(path).frames()), path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(8):
        damaged = bytearray(data)
        at = rng.integers(len(data))
        damaged[at : at + 300] = rng.bytes(len(damaged[at : at + 300]))
        path.write_bytes(damaged)
        video = VideoFile(path)
        assert len(list(video.frames())) == len(whole) or video.problem is not None
