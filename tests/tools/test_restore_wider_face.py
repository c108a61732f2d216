from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tests.helpers.bright_finder import BrightFinder, draw
from tests.helpers.pictures import ZIDANE_FACES, photograph
from tools.restore_wider_face import LabelSize, main
from yolo_fer import images
from yolo_fer.evaluate.wider_face import read_wider

app = typer.Typer()
app.command()(main)
FACES = [[100, 80, 220, 240], [600, 300, 660, 390]]


@pytest.mark.parametrize("height", [420, 683, 1024, 1540])
def test_a_stretched_image_gets_the_height_back_that_its_labels_are_about(height: int) -> None:
    original = draw(height, 1024, FACES)
    stretched = np.asarray(cv2.resize(original, (416, 416), interpolation=cv2.INTER_AREA))

    restored = LabelSize(BrightFinder()).restore(stretched, np.array(FACES, float))

    assert restored is not None
    assert restored.shape[1] == 1024
    assert restored.shape[0] == pytest.approx(height, rel=0.02)


def test_the_height_is_not_guessed_where_no_face_is_seen() -> None:
    assert LabelSize(BrightFinder()).restore(draw(416, 416, []), np.array(FACES, float)) is None


def test_an_image_without_faces_needs_no_certain_height() -> None:
    restored = LabelSize(BrightFinder()).restore(draw(416, 416, []), np.empty((0, 4)))

    assert restored is not None
    assert restored.shape == (768, 1024, 3)


def test_a_restored_copy_is_one_that_faces_are_measured_on(tmp_path: Path) -> None:
    pytest.importorskip("retinaface")
    copy, out = tmp_path / "copy", tmp_path / "restored"
    (copy / "images").mkdir(parents=True)
    men = cv2.resize(photograph("zidane.jpg"), (1024, 576), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(copy / "images" / "men.png"), cv2.resize(men, (640, 640)))
    true = [[round(0.8 * value) for value in face] for face in ZIDANE_FACES]
    rows = [f"{x1} {y1} {x2 - x1} {y2 - y1}" for x1, y1, x2, y2 in true]
    (copy / "label.txt").write_text("\n".join(["# men.png", *rows, "# gone.png", "1 2 3 4"]))

    done = CliRunner().invoke(app, [str(copy), "--out", str(out), "--threads", "1"])

    assert done.exit_code == 0, done.output
    assert "left out: 1 x missing_image" in done.stderr
    (restored,) = read_wider(out)
    height, width = images.read(restored.path).shape[:2]
    assert (width, height) == (1024, pytest.approx(576, rel=0.03))
    assert restored.boxes.tolist() == true
