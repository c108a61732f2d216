"""The timeline picture: what it shows, and when it is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.frames import face, frame, noise
from tests.helpers.timelines import draw
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images import read
from yolo_fer.outputs import TimelineSink

pytest.importorskip("matplotlib")


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
