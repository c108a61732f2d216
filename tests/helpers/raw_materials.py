"""Small datasets of drawn faces, laid out as the shipped weights' materials are."""

from __future__ import annotations

from pathlib import Path

import cv2

from tests.helpers.drawn_crops import drawn_crop, drawn_photograph
from tests.helpers.raw_affwild2 import ANN, RawAffwild2
from tests.helpers.raw_expw import RawExpw
from yolo_fer.convert.fer2013_source import CHOICES
from yolo_fer.emotions import Emotion


def raw_materials(root: Path, photographs: int = 30, crops: int = 100) -> Path:
    """Write `expw`, `affwild2`, `fer2013` and `ck48`, and return their folder."""
    expw = RawExpw(root / "expw")
    for seed in range(photographs):
        expw.image(f"{seed}.jpg", drawn_photograph(Emotion(seed % 7), seed))
        # Every fifth face is below the minimum score: trained on, never measured on.
        score = 20 if seed % 5 == 0 else 80
        expw.row(f"{seed}.jpg", (115, 65, 205, 155), label=seed % 7, score=score)
    expw.write()
    videos = RawAffwild2(root / "affwild2")
    videos.labels("1", [4] * 9)
    videos.video("1.mp4", [{ANN: (160, 110, 110)}] * 9)
    table, votes = ["emotion,pixels,Usage"], ["Usage,Image name," + ",".join(CHOICES)]
    for seed in range(crops):
        emotion = Emotion(seed % 7)
        grey = cv2.cvtColor(drawn_crop(emotion, seed), cv2.COLOR_BGR2GRAY)
        usage = "PublicTest" if seed % 10 == 9 else "Training"
        table.append(f"{seed % 7},{' '.join(map(str, grey.ravel()))},{usage}")
        counts = {emotion.label: 8, Emotion.NEUTRAL.label: 10 if emotion == 6 else 2}
        votes.append(",".join([usage, "fer.png", *(str(counts.get(c, 0)) for c in CHOICES)]))
    (root / "fer2013").mkdir()
    (root / "fer2013" / "fer2013.csv").write_text("\n".join(table) + "\n")
    (root / "fer2013" / "fer2013new.csv").write_text("\n".join(votes) + "\n")
    for emotion in Emotion:
        folder = root / "ck48" / emotion.label
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / "S001_1.png"), drawn_crop(emotion, 500 + emotion))
    return root
