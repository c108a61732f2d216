"""What a file is, its content tells, however it is called; and nothing is left out silently."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.helpers.raw_affwild2 import film
from tests.helpers.stream_server import picture
from yolo_fer.errors import YoloFerWarning
from yolo_fer.inputs.file_kinds import FileKind, is_image, kind_of
from yolo_fer.inputs.frame_source import open_source
from yolo_fer.inputs.listing import VideoInput, collect_inputs


def drawn(kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    PillowImage.fromarray(picture(30)).save(file, kind, **how)
    return file.getvalue()


def heic() -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(PillowImage.fromarray(picture(30))).save(file)
    return file.getvalue()


@pytest.mark.parametrize("name", ["x", "x.mp4"])
@pytest.mark.parametrize(
    "kind", ["JPEG", "PNG", "BMP", "WEBP", "TIFF", "JPEG2000", "AVIF", "PPM", "MPO"]
)
def test_an_image_is_one_whatever_it_is_called(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / name).write_bytes(drawn(kind))
    assert kind_of(tmp_path / name) is FileKind.IMAGE


def test_heic_is_an_image(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(heic())
    assert kind_of(tmp_path / "x.bin") is FileKind.IMAGE


@pytest.mark.parametrize(
    ("codec", "container"),
    [
        ("libx264", "h264"),
        ("mpeg4", "m4v"),
        ("mpeg4", "asf"),
        ("mpeg2video", "vob"),
        ("mjpeg", "mjpeg"),
        ("mjpeg", "avi"),
        ("libx264", "matroska"),
        ("libx264", "mp4"),
        ("libx264", "nut"),
        ("mjpeg", "mpjpeg"),
    ],
)
@pytest.mark.parametrize("name", ["x", "x.jpg"])
def test_a_video_is_one_whatever_it_is_called_and_gives_all_its_frames(
    tmp_path: Path, codec: str, container: str, name: str
) -> None:
    if (container, name) == ("mjpeg", "x.jpg"):
        pytest.skip("frames of so few pixels for their bytes are tried below")
    path = film(tmp_path / name, map(picture, range(12)), codec=codec, container=container)
    assert kind_of(path) is FileKind.VIDEO
    assert len(list(open_source(path).frames())) == 12


def test_a_film_of_jpegs_is_a_video_also_where_it_is_called_an_image(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = (rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for _ in range(40))
    path = film(tmp_path / "cam.jpg", noise, codec="mjpeg", container="mjpeg")
    source = open_source(path)
    assert len(list(source.frames())) == 40
    assert source.problem is None


def test_a_picture_behind_a_picture_is_no_video_where_a_phone_puts_it(tmp_path: Path) -> None:
    stereo = io.BytesIO()
    first, second = (PillowImage.fromarray(picture(n)) for n in (1, 2))
    first.save(stereo, "MPO", save_all=True, append_images=[second])
    (tmp_path / "x").write_bytes(stereo.getvalue())
    assert kind_of(tmp_path / "x") is FileKind.IMAGE
    (tmp_path / "y").write_bytes(drawn("JPEG") + drawn("PNG"))
    assert kind_of(tmp_path / "y") is FileKind.IMAGE


@pytest.mark.parametrize(
    "content",
    [b"a,b\n1,2\n", b"PK\x03\x04" + bytes(90), "Grüße".encode(), bytes(5000), os.urandom(9000)],
)
def test_what_is_neither_is_neither(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.dat").write_bytes(content)
    assert kind_of(tmp_path / "x.dat") is FileKind.OTHER


def test_sound_with_a_cover_is_no_video(tmp_path: Path) -> None:
    import av

    path = tmp_path / "song.mka"
    with av.open(str(path), "w", format="matroska") as file:
        sound = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.rate = 8000
        file.mux(sound.encode(frame))
    assert kind_of(path) is FileKind.OTHER


def test_what_a_folder_holds_beside_images_and_videos_is_counted_by_reason_and_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.heic").write_bytes(heic())
    (tmp_path / "b").write_bytes(drawn("PNG"))
    film(tmp_path / "c.raspi", map(picture, range(5)), codec="libx264", container="h264")
    (tmp_path / "d.txt").write_text("notes")
    (tmp_path / "e.csv").write_text("a,b")
    (tmp_path / "f.unknown").touch()
    os.mkfifo(tmp_path / "g.pipe")
    expected = (
        r"left out: 2 neither image nor video \(for example .*/d.txt\), "
        r"1 empty \(for example .*/f.unknown\), 1 a pipe, a socket or a device"
    )
    with pytest.warns(YoloFerWarning, match=expected):
        found = collect_inputs([str(tmp_path)])
    assert [Path(item.source).name for item in found] == ["a.heic", "b", "c.raspi"]
    assert [isinstance(item, VideoInput) for item in found] == [False, False, True]


def test_a_stream_of_an_image_has_one_frame_as_a_viewer_sees_it(tmp_path: Path) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    (tmp_path / "x.jpg").write_bytes(drawn("JPEG", exif=exif))
    (frame,) = open_source(tmp_path / "x.jpg").frames()
    assert frame.image.shape == (256, 128, 3)
    (tmp_path / "x.jpg").write_bytes(drawn("JPEG")[:300])
    source = open_source(tmp_path / "x.jpg")
    assert list(source.frames()) == []
    assert source.problem is not None
    assert source.problem.reason == "truncated_image"


def test_an_image_that_is_being_written_belongs_to_no_data_set(tmp_path: Path) -> None:
    for name in (".a.jpg.123.tmp", "b", "c.txt"):
        (tmp_path / name).write_bytes(drawn("PNG"))
    assert [is_image(tmp_path / name) for name in (".a.jpg.123.tmp", "b", "c.txt")] == [
        False,
        True,
        False,
    ]
