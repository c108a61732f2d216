"""A folder of somebody who follows the README: what they bring, under the names that it uses."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2

from tests.helpers.clips import pan, write_mp4
from tests.helpers.pages import ROOT
from tests.helpers.pictures import photograph
from tests.helpers.raw_affwild2 import ANN, BEN, RawAffwild2
from tests.helpers.raw_materials import raw_materials
from yolo_fer.synthetic.drawn_expw import write_expw

FRAMES = 14


def write_strangers_folder(root: Path) -> None:
    """Write drawn datasets in their own layouts, a photograph and videos of it, and weights.

    The weights stand for those that the README's trainings make.
    """
    _photographs(root)
    write_expw(root / "ExpW", n_images=60, seed=3)
    _affwild2(root / "Aff-Wild2")
    materials = raw_materials(root / "materials", photographs=1)
    for drawn, name in (
        ("fer2013/fer2013.csv", "fer2013.csv"),
        ("fer2013/fer2013new.csv", "fer2013new.csv"),
        ("rafdb", "RAF-DB"),
        ("affectnet", "AffectNet"),
        ("ck48", "CK+48"),
        ("sfew", "SFEW"),
    ):
        (materials / drawn).rename(root / name)
    shutil.rmtree(materials)
    shipped = ROOT / "weights"
    for file, name in (
        ("yolo-fer-n.pt", "best.pt"),
        ("yolo-fer-n.pt", "runs/detect/train/weights/best.pt"),
        ("fer-cnn.onnx", "runs/classify/train/weights/best.onnx"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shipped / file, root / name)


def _photographs(root: Path) -> None:
    picture = cv2.resize(photograph("zidane.jpg"), (640, 360))
    for name in ("photo.jpg", "photos/a.jpg", "photos/b.jpg", "more/c.png", "holiday/d.jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / name), picture)
    (root / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "people.jpg", root / "docs")  # which stands in a clone
    for name in ("clip.mp4", "holiday/e.mp4"):
        write_mp4(root / name, pan(picture, FRAMES, width=480, height=320))


def _affwild2(root: Path) -> None:
    """Write a release of two people, one in the training set and one in the validation set."""
    raw = RawAffwild2(root)
    for stem, person, split in (("1", ANN, "Training_Set"), ("2", BEN, "Validation_Set")):
        raw.labels(stem, [number % 7 for number in range(FRAMES)], split)
        raw.video(f"{stem}.mp4", [{person: (160 + n, 110, 110)} for n in range(FRAMES)])
