"""The timeline picture: what it shows, and when it is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.frames import face, frame, noise
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images import Image, read
from yolo_fer.outputs import TimelineSink
from yolo_fer.palette import BGR
from yolo_fer.predict.image_files import Predicted

pytest.importorskip("matplotlib")


def draw(path: Path, *frames: Predicted, blur: bool = False) -> Image:
    with TimelineSink(path, blur=blur) as sink:
        for predicted in frames:
            sink.write(predicted)
    return read(path)


def share(image: Image, emotion: Emotion) -> float:
    """The share of the rows' area, below the legend, that has the colour of an emotion."""
    near = np.abs(image[90:, 200:].astype(int) - BGR[emotion]).max(axis=2) < 12
    return float(near.mean())


def test_the_bands_have_the_colours_of_the_emotions(tmp_path: Path) -> None:
    frames = [
        frame(
            i, face(emotion=Emotion.ANGER if i < 60 else Emotion.SADNESS, track=1, probability=0.95)
        )
        for i in range(90)
    ]
    image = draw(tmp_path / "t.png", *frames)
    anger, sadness = share(image, Emotion.ANGER), share(image, Emotion.SADNESS)
    assert 1.6 < anger / sadness < 2.4, "two thirds of the time against one"
    assert share(image, Emotion.FEAR) < 0.1 * sadness
    left, right = image[90:, 200:600], image[90:, -250:]
    assert (np.abs(left.astype(int) - BGR[Emotion.ANGER]).max(axis=2) < 12).mean() > 0.3
    assert (np.abs(right.astype(int) - BGR[Emotion.SADNESS]).max(axis=2) < 12).mean() > 0.3


@pytest.mark.parametrize("tracks", [1, 2, 12, 40])
def test_the_picture_stays_of_a_readable_size(tmp_path: Path, tracks: int) -> None:
    faces = [face((5 * t, 5, 5 * t + 20, 40), track=t) for t in range(tracks)]
    image = draw(tmp_path / "t.png", *(frame(i, *faces) for i in range(20)))
    height, width = image.shape[:2]
    assert width == 1320
    assert 300 < height < 1200
    assert share(image, Emotion.HAPPINESS) > 0.3


def test_a_gap_is_grey(tmp_path: Path) -> None:
    missing = range(30, 60)
    frames = [frame(i, *([] if i in missing else [face(track=1)])) for i in range(90)]
    image = draw(tmp_path / "t.png", *frames)
    grey = (np.abs(image[90:, 200:].astype(int) - (242, 240, 240)).max(axis=2) < 2).mean(axis=0)
    assert 0.3 < (grey > 0.5).mean() < 0.36


def test_a_video_without_a_face_is_drawn_as_such(tmp_path: Path) -> None:
    image = draw(tmp_path / "t.png", *(frame(i) for i in range(30)))
    assert not any(share(image, emotion) > 0.001 for emotion in Emotion)


@pytest.mark.parametrize("source", ["\udcff.mp4", "a$b$^.mp4"])
def test_any_name_of_a_file_can_be_drawn(tmp_path: Path, source: str) -> None:
    frames = [frame(i, face(track=1), source=name) for name in (source, "b.mp4") for i in range(3)]
    assert draw(tmp_path / "t.png", *frames).size


def test_faces_without_tracks_are_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match="`track`"):
        draw(tmp_path / "t.png", frame(0, face()))
    assert not (tmp_path / "t.png").exists()


def test_a_run_that_is_broken_off_has_its_picture(tmp_path: Path) -> None:
    path = tmp_path / "new" / "t.png"
    with pytest.raises(KeyboardInterrupt), TimelineSink(path) as sink:
        sink.write(frame(0, face(track=1)))
        raise KeyboardInterrupt
    assert read(path).shape[1] == 1320


def test_the_small_pictures_of_faces_can_be_blurred(tmp_path: Path) -> None:
    image = noise(width=320, height=240)
    predicted = frame(0, face((100, 60, 180, 160), track=1), image=image)

    def detail(name: str, blur: bool) -> float:
        picture = draw(tmp_path / name, predicted, frame(1, image=image), blur=blur)
        faces = picture[110:, 80:140].astype(int)
        return float(np.abs(np.diff(faces, axis=0)).mean())

    assert detail("b.png", True) < 0.25 * detail("c.png", False)


def test_only_a_new_png_is_written(tmp_path: Path) -> None:
    (tmp_path / "t.png").write_text("precious")
    with pytest.raises(UsageError, match="`overwrite`"):
        TimelineSink(tmp_path / "t.png")
    with pytest.raises(UsageError, match=r"\.png"):
        TimelineSink(tmp_path / "t.svg")
    with pytest.raises(UsageError, match="folder"):
        (tmp_path / "d.png").mkdir()
        TimelineSink(tmp_path / "d.png", overwrite=True)


def test_a_folder_that_cannot_be_made_is_an_error_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(YoloFerError, match=r"t\.png cannot be written"):  # noqa: SIM117
        with TimelineSink(tmp_path / "file" / "t.png"):
            pass
