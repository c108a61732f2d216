"""GIF files that are cut or changed are not taken for whole ones, nor whole ones for such."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.helpers.frames import grey, noise
from tests.helpers.raw_affwild2 import film
from yolo_fer.inputs.gif_structure import gif_fault
from yolo_fer.inputs.video import VideoFile


def gif(path: Path, pictures: list[PillowImage.Image], **options: object) -> Path:
    first, *others = pictures
    first.save(path, save_all=True, append_images=others, duration=100, **options)
    return path


def noisy(count: int) -> list[PillowImage.Image]:
    return [PillowImage.fromarray(noise(seed)) for seed in range(count)]


def grained(seed: int) -> PillowImage.Image:
    """Four greys, so that the codes are of many lengths."""
    return PillowImage.fromarray(noise(seed)[..., 0] // 64 * 64)


def test_one_that_is_cut_short(tmp_path: Path) -> None:
    path = gif(tmp_path / "a.gif", noisy(8))
    whole = VideoFile(path)
    assert len(list(whole.frames())) == 8
    assert whole.problem is None
    for size in (path.stat().st_size - 1, path.stat().st_size // 2):
        path.write_bytes(path.read_bytes()[:size])
        video = VideoFile(path)
        assert list(video.frames())
        assert video.problem is not None
        assert video.problem.reason == "damaged_video"


def test_one_of_which_not_every_image_decodes(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    first, *others = noisy(8)
    first.save(path, save_all=True, append_images=others)  # FFmpeg needs the times between them
    video = VideoFile(path)
    decoded = len(list(video.frames()))
    assert decoded == 8 or (video.problem is not None and "holds 8" in video.problem.detail)


@pytest.mark.parametrize("seed", range(4))
def test_a_flipped_bit_that_changes_the_pictures(tmp_path: Path, seed: int) -> None:
    """FFmpeg decodes as many frames as before, of which one or all behind it are wrong."""
    path = gif(tmp_path / "a.gif", [grained(seed) for seed in range(4)])
    whole, data = [frame.image for frame in VideoFile(path).frames()], path.read_bytes()
    rng, told = random.Random(seed), 0
    for _ in range(12):
        damaged = bytearray(data)
        damaged[rng.randrange(len(data) - 1000, len(data) - 10)] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        video = VideoFile(path)
        images = [frame.image for frame in video.frames()]
        told += video.problem is not None
        same_shapes = [a.shape for a in images] == [b.shape for b in whole]
        if video.problem is None and same_shapes:
            changed = [np.abs(a.astype(int) - b).mean() for a, b in zip(images, whole, strict=True)]
            assert max(changed) < 1
    assert told >= 6


@pytest.mark.parametrize("colours", [2, 3, 16, 17, 256])
@pytest.mark.parametrize("size", [(1, 1), (7, 3), (400, 300)])
def test_whole_ones_of_any_depth(colours: int, size: tuple[int, int]) -> None:
    """The larger ones fill the table of the codes many times over."""
    width, height = size
    rng = np.random.default_rng(colours)
    levels = rng.integers(0, colours, (height, width), np.uint8)
    levels[: height // 2] = 0
    image = PillowImage.fromarray(levels, "P")
    image.putpalette(bytes(range(colours)) * 3)
    for interlace in (0, 1):
        data = io.BytesIO()
        image.save(data, "GIF", interlace=interlace)
        assert gif_fault(data, 1) is None


def test_a_whole_one_of_another_writer(tmp_path: Path) -> None:
    import av

    path = tmp_path / "a.gif"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "rgb8"
        for seed in range(3):
            frame = av.VideoFrame.from_ndarray(noise(seed, 320, 240), format="bgr24")
            file.mux(stream.encode(frame.reformat(format="rgb8")))
        file.mux(stream.encode())
    video = VideoFile(path)
    assert len(list(video.frames())) == 3
    assert video.problem is None


def test_other_formats_are_no_matter(tmp_path: Path) -> None:
    video = VideoFile(film(tmp_path / "a.mp4", [grey()] * 3))
    assert len(list(video.frames())) == 3
    assert video.problem is None
