"""`Detector.stream`, the public way to predict frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("av")

from tests.helpers.graphs import raw_output, write_colour_meter, write_constant
from tests.helpers.raw_affwild2 import film
from tests.helpers.stream_server import number_of, picture, serving
from yolo_fer import Detector, Emotion, Predicted
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning

FACE = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    return Detector(write_constant(tmp_path / "one.onnx", raw_output(FACE)))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return film(tmp_path / "clip.mp4", map(picture, range(12)), codec="libx264")


def test_each_frame_of_a_video_comes_with_its_pixels_and_its_faces(
    detector: Detector, clip: Path
) -> None:
    found = list(detector.stream(clip))
    assert [p.prediction.frame for p in found] == list(range(12))
    assert [number_of(p.image) for p in found if p.image is not None] == list(range(12))
    assert {face.emotion for p in found for face in p.prediction.faces} == {Emotion.HAPPINESS}
    assert {face.track for p in found for face in p.prediction.faces} == {None}


def test_smoothing_follows_faces_and_steadies_their_scores(tmp_path: Path) -> None:
    pytest.importorskip("trackers")
    detector = Detector(write_colour_meter(tmp_path / "meter.onnx"), conf=0.01)
    flicker = (picture(63 if number % 2 else 0) for number in range(30))
    path = film(tmp_path / "a.mp4", flicker, codec="libx264")

    def unrest(frames: Iterator[Predicted]) -> float:
        scores = [p.prediction.faces[0].score for p in list(frames)[10:]]
        return max(scores) - min(scores)

    assert unrest(detector.stream(path, smooth=1.0)) < 0.3 * unrest(detector.stream(path))
    last = list(detector.stream(path, smooth=1.0))[-1]
    assert last.prediction.faces[0].track is not None


def test_a_network_stream_ends_when_the_loop_is_left(detector: Detector) -> None:
    found: list[Predicted] = []
    with serving("mjpeg") as url:
        for predicted in detector.stream(url):
            found.append(predicted)
            if len(found) == 6:
                break
    assert [len(predicted.prediction.faces) for predicted in found] == [1] * 6


@pytest.mark.parametrize("content", [None, b"", b"no video"])
def test_what_cannot_be_read_is_an_error(
    detector: Detector, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "bad.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(YoloFerError, match=r"bad\.mp4: "):
        list(detector.stream(path))


def test_a_video_that_breaks_off_ends_with_a_warning(detector: Detector, tmp_path: Path) -> None:
    path = film(tmp_path / "cut.avi", map(picture, range(40)), codec="mjpeg")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.warns(YoloFerWarning, match=r"decoding stopped after \d+ frames"):
        found = list(detector.stream(path))
    assert len(found) > 5
    assert all(predicted.image is not None for predicted in found)


@pytest.mark.parametrize("smooth", [0, -1, float("nan")])
def test_an_impossible_time_is_an_error_before_the_first_frame(
    detector: Detector, clip: Path, smooth: float
) -> None:
    pytest.importorskip("trackers")
    with pytest.raises(UsageError):
        detector.stream(clip, smooth=smooth)
