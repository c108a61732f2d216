from __future__ import annotations

import io
import threading
from collections.abc import Generator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.helpers.raw_affwild2 import film, turned
from yolo_fer.images import Image
from yolo_fer.inputs.video import VideoFile, ahead


def pictures(count: int, width: int = 96, height: int = 64) -> list[Image]:
    """Grey that tells its index, with a red corner at the top left."""
    images = []
    for index in range(count):
        image = np.full((height, width, 3), 40 + 6 * index, np.uint8)
        image[:24, :32] = (0, 0, 255)
        images.append(image)
    return images


def shades(video: VideoFile) -> list[int]:
    return [round((float(f.image[40:60, 40:60].mean()) - 39) / 6) for f in video.frames()]


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mpeg4"), ("a.avi", "mjpeg")])
def test_every_frame_comes_once_and_in_order(tmp_path: Path, name: str, codec: str) -> None:
    video = VideoFile(film(tmp_path / name, pictures(30), codec=codec))
    assert shades(video) == list(range(30))
    assert (video.problem, video.decoded, video.packets) == (None, 30, 30)


def test_frames_that_nobody_wants_are_counted_and_not_turned_into_pixels(tmp_path: Path) -> None:
    video = VideoFile(film(tmp_path / "a.mp4", pictures(30)))
    assert [f.index for f in video.frames(lambda index: index % 7 == 0, stop=20)] == [0, 7, 14]
    assert (video.decoded, video.packets) == (20, 30)


def test_time_stamps_are_those_of_the_file_at_a_variable_frame_rate(tmp_path: Path) -> None:
    times = [0, 40, 500, 520, 2000]
    video = VideoFile(film(tmp_path / "a.mp4", pictures(5), codec="libx264", times_ms=times))
    found = [frame.time_ms for frame in video.frames()]
    assert found == pytest.approx(times, abs=20), "the codec counts in thirtieths of a second"
    assert len(found) == 5, "no frame is repeated or left out for a constant rate"


def test_the_rotation_flag_is_applied(tmp_path: Path) -> None:
    frame = next(VideoFile(turned(film(tmp_path / "a.mp4", pictures(3)))).frames())
    assert frame.image.shape == (96, 64, 3)
    blue, green, red = frame.image[8, -8].tolist()
    assert red > 180 > green + blue, "turned clockwise, the top left corner is at the top right"


def test_a_size_that_changes_is_followed(tmp_path: Path) -> None:
    parts = [
        film(tmp_path / "1", pictures(4), codec="libx264", container="h264"),
        film(tmp_path / "2", pictures(3, 64, 96), codec="libx264", container="h264"),
    ]
    both = tmp_path / "a.mp4"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    shapes = [frame.image.shape[:2] for frame in VideoFile(both).frames()]
    assert shapes == [(64, 96)] * 4 + [(96, 64)] * 3


def test_a_file_that_is_cut_short_gives_what_comes_before_the_cut(tmp_path: Path) -> None:
    path = film(tmp_path / "a.avi", noisy(30))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = VideoFile(path)
    indices = [frame.index for frame in video.frames()]
    assert indices == list(range(len(indices)))
    assert 5 < len(indices) < 25
    assert video.problem is not None
    assert video.problem.reason == "damaged_video"
    assert f"after {len(indices)} frames" in video.problem.detail


@pytest.mark.parametrize("name", ["12:30.mp4", "rtsp:x.mp4", "ü 日本.mp4"])
def test_a_file_may_have_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    film(tmp_path / name, pictures(3))
    monkeypatch.chdir(tmp_path)
    assert shades(VideoFile(Path(name))) == [0, 1, 2]


def test_nothing_is_read_behind_damaged_data_since_the_numbers_would_be_wrong(
    tmp_path: Path,
) -> None:
    path = film(tmp_path / "a.mp4", noisy(30), codec="libx264", options={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    path.write_bytes(data)
    video = VideoFile(path)
    assert len(list(video.frames())) < 25
    assert video.problem is not None
    assert video.problem.reason == "damaged_video"


def test_a_container_that_lies_about_its_length_is_not_believed(tmp_path: Path) -> None:
    path = film(tmp_path / "a.avi", pictures(30))
    data = bytearray(path.read_bytes())
    for tag, offset in ((b"avih", 8 + 16), (b"strh", 8 + 32)):
        at = data.find(tag) + offset
        assert int.from_bytes(data[at : at + 4], "little") == 30
        data[at : at + 4] = (7).to_bytes(4, "little")
    path.write_bytes(data)
    assert shades(VideoFile(path)) == list(range(30))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty_video"), (b"no video at all", "not_a_video"), (None, "missing_video")],
)
def test_a_file_without_a_video_says_so(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    video = VideoFile(path)
    assert list(video.frames()) == []
    assert video.problem is not None
    assert video.problem.reason == reason


def test_a_video_of_zero_frames_says_so(tmp_path: Path) -> None:
    video = VideoFile(film(tmp_path / "a.avi", []))
    assert list(video.frames()) == []
    assert video.problem is not None
    assert video.problem.reason == "no_frames"


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_pixels_that_are_not_square_are_stretched_as_a_viewer_does(
    tmp_path: Path, name: str
) -> None:
    path = stretched(tmp_path / name, pictures(3), Fraction(16, 11))
    frame = next(VideoFile(path).frames())
    assert frame.image.shape == (64, round(96 * 16 / 11), 3)
    red = (frame.image[8, :, 2].astype(int) - frame.image[8, :, 0]) > 100
    assert red.sum() == pytest.approx(32 * 16 / 11, abs=3)


def test_a_mirrored_video_is_mirrored_as_its_matrix_says(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", pictures(3))
    corners = {
        (-1, 0, 0, 1): (8, -8),  # mirrored: the red corner is at the top right
        (1, 0, 0, -1): (-8, 8),
        (0, 1, 1, 0): (8, 8),
        (0, -1, -1, 0): (-8, -8),
        (-1, 0, 0, -1): (-8, -8),
        (0, -1, 1, 0): (-8, 8),
        (0, 1, -1, 0): (8, -8),
    }
    for matrix, (y, x) in corners.items():
        image = next(VideoFile(shown_by(path, matrix)).frames()).image
        assert image.shape == ((64, 96, 3) if matrix[0] else (96, 64, 3))
        blue, _, red = image[y, x].astype(int).tolist()
        assert red > 180 > blue + 60, matrix


def test_a_video_without_a_decoder_is_named_as_one(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", pictures(3), codec="libx264")
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_MPEG9/ISO/XYZ"))
    video = VideoFile(path)
    assert list(video.frames()) == []
    assert video.problem is not None
    assert video.problem.reason == "no_decoder"
    assert "convert it" in video.problem.detail


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


def test_a_motion_jpeg_picture_of_thousands_of_scans_is_not_decoded(tmp_path: Path) -> None:
    data = io.BytesIO()
    PillowImage.new("RGB", (2000, 2000)).save(data, "JPEG", progressive=True)
    whole = data.getvalue()
    path = tmp_path / "a.mjpeg"
    path.write_bytes(2 * whole)
    assert len(list(VideoFile(path).frames())) == 2
    last = whole.rfind(b"\xff\xda")
    path.write_bytes(whole + whole[:-2] + 3000 * whole[last:-2] + whole[-2:])
    video = VideoFile(path)
    assert len(list(video.frames())) == 1
    assert video.problem is not None
    assert "scans, which takes too long" in video.problem.detail


def test_frames_that_claim_a_huge_size_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    PillowImage.new("L", (8, 8)).save(path)
    data = bytearray(path.read_bytes())
    data[6:10] = (16_000).to_bytes(2, "little") * 2
    path.write_bytes(data)
    video = VideoFile(path)
    assert list(video.frames()) == []
    assert video.problem is not None
    assert video.problem.reason == "video_too_large"
    assert "16000x16000" in video.problem.detail


def stretched(path: Path, images: list[Image], aspect: Fraction) -> Path:
    """A film whose pixels are shown wider than high."""
    import av

    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        for image in images:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        file.mux(stream.encode())
    return path


def shown_by(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """A copy of an .mp4 with another display matrix, a b c d of its 3 x 3 numbers."""
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd") + 4 + 4 + 20 + 8 + 8
    a, b, c, d = (value << 16 for value in matrix)
    values = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    data[at : at + 36] = b"".join(value.to_bytes(4, signed=True) for value in values)
    copy = path.with_name("shown.mp4")
    copy.write_bytes(data)
    return copy


def noisy(count: int) -> list[Image]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for _ in range(count)]


def test_what_is_computed_ahead_is_bounded_and_ends_with_its_reader() -> None:
    made = 0

    def numbers() -> Generator[int, None, None]:
        nonlocal made
        while made < 1000:
            made += 1
            yield made

    before = threading.active_count()
    some = ahead(numbers(), 3)
    assert [next(some), next(some)] == [1, 2]
    some.close()
    assert made < 10
    assert threading.active_count() == before


def test_an_error_ahead_reaches_the_reader_in_its_place() -> None:
    def numbers() -> Generator[int, None, None]:
        yield 1
        raise OSError("the disk is gone")

    some = ahead(numbers(), 3)
    assert next(some) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(some)
