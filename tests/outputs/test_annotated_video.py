"""Annotated videos: at their own pace, whole at every moment, and never over anything else."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.helpers.frames import clip, face, frame, grey, noise, shade
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError
from yolo_fer.inputs.video import VideoFile, VideoFrame
from yolo_fer.outputs import AnnotatedVideoSink
from yolo_fer.palette import BGR
from yolo_fer.predict.predicted import Predicted
from yolo_fer.results import Prediction


def read(path: Path) -> list[VideoFrame]:
    video = VideoFile(path)
    frames = list(video.frames())
    assert video.problem is None
    return frames


def write(path: Path, *frames: Predicted, rate: Fraction | None = None, blur: bool = False) -> Path:
    with AnnotatedVideoSink(path, rate, blur=blur) as sink:
        for predicted in frames:
            sink.write(predicted)
    return path


@pytest.fixture(params=["libx264", "mpeg4"])
def codec(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "mpeg4":
        monkeypatch.setattr(av, "codecs_available", av.codecs_available - {"libx264"})
    return str(request.param)


@pytest.mark.parametrize("rate", ["30000/1001", "24000/1001", "60000/1001", "25", "15/2", "50"])
def test_the_frame_rate_is_that_of_the_source(tmp_path: Path, codec: str, rate: str) -> None:
    given = Fraction(rate)
    path = write(tmp_path / "a.mp4", *clip(70, given), rate=given)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        assert stream.codec_context.name.startswith({"libx264": "h264"}.get(codec, codec))
        assert stream.average_rate == given
        assert float(stream.duration * stream.time_base) == pytest.approx(float(70 / given))
    times = [f.time_ms for f in read(path)]
    assert times == pytest.approx([float(1000 * n / given) for n in range(70)], abs=0.02)


def test_a_rate_that_nobody_knew_beforehand_is_right_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", *clip(60, Fraction(30000, 1001)), rate=None)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        assert stream.base_rate == Fraction(30000, 1001)
        assert float(stream.average_rate) == pytest.approx(30 / 1.001, rel=1e-4)


def test_frames_of_a_variable_rate_keep_their_times(tmp_path: Path, codec: str) -> None:
    times = [0, 33.4, 500, 501, 2000, 2040.125, 9000]
    path = write(tmp_path / "a.mp4", *(frame(i, time_ms=t) for i, t in enumerate(times)))
    assert [f.time_ms for f in read(path)] == pytest.approx(times, abs=0.02)


def test_times_start_with_the_first_frame(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", *(frame(i, time_ms=7_200_000 + 40 * i) for i in range(5)))
    assert [f.time_ms for f in read(path)] == pytest.approx([0, 40, 80, 120, 160])


def test_times_that_stand_still_or_begin_anew_lose_no_frame(tmp_path: Path) -> None:
    times = [5000, 5040, 5040, 5030, 5080, 0, 40, 80]
    path = write(tmp_path / "a.mp4", *(frame(i, time_ms=t) for i, t in enumerate(times)))
    found = [float(f.time_ms or 0) for f in read(path)]
    assert len(found) == 8
    assert found == sorted(set(found))
    assert np.diff(found)[-2:] == pytest.approx([40, 40], abs=0.02)
    assert found[-1] < 250


def test_frames_without_times_come_thirty_a_second(tmp_path: Path) -> None:
    untimed = [Predicted(grey(), Prediction("clip", 96, 64, frame=i)) for i in range(4)]
    path = write(tmp_path / "a.mp4", *untimed)
    assert [f.time_ms for f in read(path)] == pytest.approx([0, 33.333, 66.667, 100], abs=0.02)


def test_every_frame_is_there_once_and_in_order(tmp_path: Path, codec: str) -> None:
    found = [int(f.image[30, 30, 1]) for f in read(write(tmp_path / "a.mp4", *clip(45)))]
    assert found == pytest.approx([shade(index) for index in range(45)], abs=3)


def test_colours_are_those_of_the_palette_for_any_reader(tmp_path: Path, codec: str) -> None:
    image = np.repeat(np.array([list(BGR.values())], np.uint8), 64, axis=0)
    path = write(tmp_path / "a.mp4", frame(0, image=np.repeat(image, 32, axis=1)))
    ours = read(path)[0].image
    done, theirs = cv2.VideoCapture(str(path)).read()
    assert done
    for found in (ours, theirs):
        middles = found[32, 16::32].astype(int)
        assert np.abs(middles - np.array(list(BGR.values()))).max() <= 12


def test_faces_are_drawn_with_their_track(tmp_path: Path) -> None:
    black = grey(0, 640, 480)
    with_track = frame(0, face((200, 150, 300, 280), track=3), image=black)
    without = frame(0, face((200, 150, 300, 280)), image=black)
    images = [
        read(write(tmp_path / f"{i}.mp4", predicted))[0].image
        for i, predicted in enumerate((with_track, without))
    ]
    assert abs(images[0][215, 200].astype(int) - BGR[Emotion.HAPPINESS]).max() < 70
    widths = [int((image[140].max(axis=1) > 120).sum()) for image in images]
    assert widths[0] > widths[1] + 10 > 50, "the label with the track's number is longer"


@pytest.mark.parametrize(("width", "height"), [(97, 65), (1, 1), (3, 200), (641, 481)])
def test_any_size_can_be_written(tmp_path: Path, codec: str, width: int, height: int) -> None:
    path = write(tmp_path / "a.mp4", *(frame(i, image=grey(99, width, height)) for i in range(3)))
    frames = read(path)
    assert len(frames) == 3
    found_height, found_width = frames[0].image.shape[:2]
    assert (found_width, found_height) == (max(width + width % 2, 16), max(height + height % 2, 16))
    assert abs(int(frames[0].image[found_height // 2, found_width // 2, 0]) - 99) <= 6


def test_a_later_size_is_fitted_into_the_first(tmp_path: Path) -> None:
    first, tall = grey(200, 96, 64), grey(200, 30, 90)
    tall[:45] = 100
    path = write(tmp_path / "a.mp4", frame(0, image=first), frame(1, image=tall))
    image = read(path)[1].image
    assert image.shape == (64, 96, 3)
    column = image[:, 48, 0].astype(int)
    assert (abs(column[4:28] - 100) < 8).all()
    assert (abs(column[36:60] - 200) < 8).all()
    assert image[:, :30].max() < 25, "black bars beside it"


def test_frames_that_are_too_long_for_the_codec_are_shrunk(tmp_path: Path, codec: str) -> None:
    frames = (frame(0, image=grey(200, width=20_000, height=400)) for _ in range(2))
    first, _ = read(write(tmp_path / "a.mp4", *frames))
    assert first.image.shape == {"libx264": (328, 16_384, 3), "mpeg4": (164, 8_190, 3)}[codec]
    assert (abs(first.image.astype(int) - 200) < 8).all()


def test_a_file_that_exists_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("precious")
    with pytest.raises(UsageError, match="`overwrite`"):
        AnnotatedVideoSink(path)
    with AnnotatedVideoSink(path, overwrite=True):
        pass
    assert path.read_text() == "precious", "nothing came, so nothing is replaced"
    with AnnotatedVideoSink(path, overwrite=True) as sink:
        sink.write(frame(0))
    assert len(read(path)) == 1


@pytest.mark.parametrize("link", [False, True])
def test_the_video_that_is_read_is_never_written_over(tmp_path: Path, link: bool) -> None:
    source = write(tmp_path / "a.mp4", *clip(3))
    before = source.read_bytes()
    target = tmp_path / "b.mp4" if link else source
    if link:
        target.symlink_to(source)
    with pytest.raises(UsageError, match="is to be predicted"):  # noqa: SIM117
        with AnnotatedVideoSink(target, overwrite=True) as sink:
            sink.write(frame(0, source=str(source)))
    assert source.read_bytes() == before


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.mp4"):
        AnnotatedVideoSink(tmp_path / "a.avi")


def test_strange_names_are_names(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "http: ä%d'\".mp4"
    assert len(read(write(path, *clip(3)))) == 3


def test_a_frame_without_a_face_or_without_pixels_does_no_harm(tmp_path: Path) -> None:
    broken = Predicted(None, Prediction("clip.mp4", 0, 0, error="damaged"), "damaged_video")
    assert len(read(write(tmp_path / "a.mp4", frame(0), broken, frame(1)))) == 2


def test_blurred_faces_are_blurred_in_the_video(tmp_path: Path) -> None:
    image = noise(width=320, height=240)
    shown = face((120, 80, 200, 170))
    clear, hidden = (
        read(write(tmp_path / f"{blur}.mp4", frame(0, shown, image=image), blur=blur))[0].image
        for blur in (False, True)
    )
    inner = np.s_[100:150, 140:180]
    assert clear[inner].std() > 40
    assert hidden[inner].std() < 15
    assert abs(hidden[:60].astype(int) - clear[:60]).mean() < 3, "the rest stays"


def test_writing_is_much_faster_than_real_time(tmp_path: Path) -> None:
    frames = [frame(i, face(track=1), image=grey(shade(i), 640, 480)) for i in range(90)]
    start = time.process_time()  # other processes on this machine do not count
    write(tmp_path / "a.mp4", *frames)
    assert time.process_time() - start < 3, "90 frames are three seconds of video"
