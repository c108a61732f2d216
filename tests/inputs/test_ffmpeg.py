"""Pixels as a viewer sees them, and no picture that would take minutes."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from tests.helpers.raw_affwild2 import film, turned
from tests.helpers.videos import pictures
from yolo_fer.images import Image
from yolo_fer.inputs.ffmpeg import holds_video
from yolo_fer.inputs.video import VideoFile


def test_the_rotation_flag_is_applied(tmp_path: Path) -> None:
    frame = next(VideoFile(turned(film(tmp_path / "a.mp4", pictures(3)))).frames())
    assert frame.image.shape == (96, 64, 3)
    blue, green, red = frame.image[8, -8].tolist()
    assert red > 180 > green + blue, "turned clockwise, the top left corner is at the top right"


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


LISTS = {
    "concat": "ffconcat version 1.0\nfile a.mp4\n",
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\na.mp4\n#EXT-X-ENDLIST\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 45678 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
}


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_of_videos_is_none_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It would show another file, or wait for a stream on the network."""
    film(tmp_path / "a.mp4", pictures(3))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "list.mp4"
    path.write_text(LISTS[kind])
    video = VideoFile(path)
    assert list(video.frames()) == []
    assert video.problem is not None
    assert video.problem.reason == "not_a_video"
    assert not holds_video(path)
    assert holds_video(tmp_path / "a.mp4")
