"""A result as a picture: drawn, saved, in a window and in a notebook."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.pictures import write_grey
from tests.helpers.results import GREY, HAPPY, result
from yolo_fer import Predicted, Prediction, images
from yolo_fer.errors import ImageError, UsageError, YoloFerError
from yolo_fer.outputs import window
from yolo_fer.outputs.drawing import annotate


def test_drawing_leaves_the_image_as_it_is_and_gives_rgb_to_who_wants_it() -> None:
    before = GREY.copy()
    drawn = result(HAPPY).plot()
    assert (drawn != GREY).any()
    assert (before == GREY).all()
    assert (result(HAPPY).plot(rgb=True) == drawn[:, :, ::-1]).all()


def test_it_is_drawn_into_a_copy_of_another_size() -> None:
    small = GREY[::2, ::2]
    drawn = result(HAPPY, held=False).plot(np.ascontiguousarray(small))
    assert (drawn == annotate(small, result(HAPPY).resized(200, 150).faces)).all()


def test_a_file_is_read_again_when_it_is_drawn(tmp_path: Path) -> None:
    path = write_grey(tmp_path / "a.png", GREY.shape[:2])
    found = result(HAPPY, source=str(path), held=False)
    assert (found.plot() == annotate(GREY, (HAPPY,))).all()
    path.unlink()
    with pytest.raises(ImageError, match=r"a\.png"):
        found.plot()


def test_what_holds_no_image_asks_for_it() -> None:
    for found in (result(HAPPY, held=False), Prediction("clip.mp4", 400, 300, (HAPPY,), frame=3)):
        with pytest.raises(ImageError, match=r"plot\(image\)"):
            found.plot()
        assert found._repr_png_() is None
    with pytest.raises(ImageError, match=r"a\.jpg is cut short"):
        Prediction("a.jpg", 0, 0, error="a.jpg is cut short").plot()
    with pytest.raises(ImageError, match="uint8"):
        result(HAPPY).plot(GREY[:, :, 0])


@pytest.mark.parametrize("name", ["out.jpg", "out.PNG", "new/folder/out.webp"])
def test_it_is_saved_in_the_format_of_the_suffix(tmp_path: Path, name: str) -> None:
    path = result(HAPPY).save(tmp_path / name)
    assert path == tmp_path / name
    difference = images.read(path).astype(int) - result(HAPPY).plot()
    assert np.abs(difference).mean() < 3


def test_in_a_folder_it_is_called_after_its_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert result(HAPPY).save() == Path("image_faces.jpg")
    address = "https://example.org/photos/me.png?size=large#top"
    assert result(HAPPY, source=address).save(tmp_path).name == "me_faces.jpg"
    frame = Predicted(GREY, Prediction("clip.mp4", 400, 300, (HAPPY,), frame=7))
    assert frame.save(tmp_path).name == "clip-frame000007_faces.jpg"


def test_nothing_is_replaced_unless_asked_and_never_the_image_itself(tmp_path: Path) -> None:
    path = write_grey(tmp_path / "a.png", GREY.shape[:2])
    before = path.read_bytes()
    with pytest.raises(UsageError, match="would be lost"):
        result(HAPPY, source=str(path)).save(path, overwrite=True)
    with pytest.raises(UsageError, match="`overwrite`"):
        result(HAPPY).save(path)
    with pytest.raises(UsageError, match=r"\.jpg"):
        result(HAPPY).save(tmp_path / "a.doc")
    assert path.read_bytes() == before
    result(HAPPY).save(path, overwrite=True)
    assert path.read_bytes() != before
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(YoloFerError, match="cannot be written"):
        result(HAPPY).save(tmp_path / "file" / "a.jpg")


@pytest.mark.parametrize(
    ("name", "side", "other"),
    [("a.webp", 16_384, ".png"), ("a.JPG", 65_501, ".png"), ("a.png", 1_000_001, ".tif")],
)
def test_what_a_format_cannot_hold_is_an_error_that_names_one_that_can(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, side: int, other: str
) -> None:
    wide = Prediction("", side, 2, image=np.zeros((2, side, 3), np.uint8))
    with pytest.raises(UsageError, match=rf"{name}: the image has {side}x2 pixels.* in {other}"):
        wide.save(tmp_path / name)
    assert wide.save(tmp_path / f"a{other}").stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == [f"a{other}"]
    assert capfd.readouterr().err == "", "OpenCV prints nothing"


def test_a_notebook_shows_a_picture_that_is_not_too_large() -> None:
    found = result(HAPPY)
    shown = found._repr_png_()
    assert shown is not None
    assert (images.decode(shown) == found.plot()).all()
    whole = np.zeros((3000, 4000, 3), np.uint8)
    shown = Prediction("", 4000, 3000, (HAPPY,), image=whole)._repr_png_()
    assert shown is not None
    assert images.decode(shown).shape == (768, 1024, 3)


def test_it_is_shown_in_a_window_until_a_key_is_pressed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[np.ndarray] = []
    keys = [-1, -1, ord("x")]
    monkeypatch.setattr(window, "_why_no_window", lambda: None)
    monkeypatch.setattr(window, "_is_visible", lambda: True)
    for name in ("namedWindow", "resizeWindow", "destroyWindow"):
        monkeypatch.setattr(cv2, name, lambda *_: None)
    monkeypatch.setattr(cv2, "imshow", lambda _, image: shown.append(image))
    monkeypatch.setattr(cv2, "waitKey", lambda _: keys.pop(0) if keys else -1)
    Predicted(GREY, Prediction("clip.mp4", 400, 300, (HAPPY,), frame=3)).show()
    assert not keys
    assert len(shown) == 1
    assert (shown[0] == annotate(GREY, (HAPPY,))).all()
