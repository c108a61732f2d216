from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.predictors import BrightnessPredictor
from tests.helpers.raw_affwild2 import film
from tests.helpers.stream_server import HEIGHT, WIDTH, number_of, picture
from yolo_fer.images import Image
from yolo_fer.inputs.frame_source import open_source
from yolo_fer.predict.stream import predict_stream
from yolo_fer.results import Prediction


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return film(tmp_path / "clip.mp4", map(picture, range(20)), codec="libx264")


def test_each_frame_has_its_prediction(clip: Path) -> None:
    found = list(predict_stream(BrightnessPredictor(), open_source(clip)))
    assert [number_of(p.image) for p in found] == list(range(20))
    assert [p.prediction.frame for p in found] == list(range(20))
    assert [p.prediction.time_ms for p in found] == pytest.approx(
        [1000 * n / 30 for n in range(20)], abs=1
    )
    assert {p.prediction.source for p in found} == {str(clip)}
    assert {(p.prediction.width, p.prediction.height) for p in found} == {(WIDTH, HEIGHT)}
    scores = [p.prediction.faces[0].scores[0] for p in found]
    assert scores == sorted(scores), "the white bar grows"


def test_the_tracker_sees_each_frame_and_the_smoother_its_tracks(clip: Path) -> None:
    class OneTrack:
        def update(self, prediction: Prediction, image: Image) -> Prediction:
            assert prediction.time_ms is not None
            track = number_of(image)
            return replace(
                prediction, faces=tuple(replace(face, track=track) for face in prediction.faces)
            )

    class Halved:
        def update(self, prediction: Prediction) -> Prediction:
            assert prediction.faces[0].track == prediction.frame
            faces = (replace(prediction.faces[0], scores=(0.5,) * 7),)
            return replace(prediction, faces=faces)

    found = list(predict_stream(BrightnessPredictor(), open_source(clip), OneTrack(), Halved()))
    assert [p.prediction.faces[0].track for p in found] == list(range(20))
    assert {p.prediction.faces[0].scores for p in found} == {(0.5,) * 7}


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "empty_video"), (b"no video", "not_a_video")]
)
def test_a_video_without_a_frame_is_one_error(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(content)
    (found,) = predict_stream(BrightnessPredictor(), open_source(path))
    assert (found.image, found.reason, found.prediction.faces) == (None, reason, ())
    assert str(found.prediction.error).startswith(f"{path}: ")


def test_a_damaged_video_keeps_what_decoded_and_ends_with_the_error(tmp_path: Path) -> None:
    path = film(tmp_path / "cut.avi", map(picture, range(40)), codec="mjpeg")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    *frames, last = predict_stream(BrightnessPredictor(), open_source(path))
    assert 5 < len(frames) < 35
    assert [p.prediction.frame for p in frames] == list(range(len(frames)))
    assert {p.reason for p in frames} == {None}
    assert (last.reason, last.prediction.frame) == ("damaged_video", None)
