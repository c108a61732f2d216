"""Small datasets of drawn faces, laid out as the shipped weights' materials are."""

from __future__ import annotations

from pathlib import Path

import cv2

from tests.helpers.drawn_crops import drawn_crop, drawn_photograph
from tests.helpers.raw_expw import RawExpw
from yolo_fer.convert.fer2013_source import CHOICES
from yolo_fer.emotions import RAFDB, Emotion


def raw_materials(root: Path, photographs: int = 30, crops: int = 100) -> Path:
    """Write all datasets that the shipped weights are made of, and return their folder."""
    expw = RawExpw(root / "expw")
    for seed in range(photographs):
        expw.image(f"{seed}.jpg", drawn_photograph(Emotion(seed % 7), seed))
        # Every fifth face is below the minimum score: trained on, never measured on.
        score = 20 if seed % 5 == 0 else 80
        expw.row(f"{seed}.jpg", (115, 65, 205, 155), label=seed % 7, score=score)
    expw.write()
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
        for person in range(4):
            crop = drawn_crop(emotion, 500 + 10 * person + emotion)
            cv2.imwrite(str(folder / f"S{person:03d}_1.png"), crop)
    _write_rafdb(root / "rafdb" / "basic")
    for emotion in (e for e in Emotion if e is not Emotion.NEUTRAL):
        folder = root / "affectnet" / emotion.label
        folder.mkdir(parents=True)
        for number in range(4):
            cv2.imwrite(str(folder / f"{number}.png"), drawn_crop(emotion, 700 + number, 96))
    for emotion in Emotion:
        folder = root / "sfew" / emotion.label
        folder.mkdir(parents=True)
        for film in ("First", "Second", "Third"):
            frame = drawn_photograph(emotion, 900 + emotion, faces=(90, 40))
            cv2.imwrite(str(folder / f"{film}_{emotion:09d}_00000001.png"), frame)
    return root


def _write_rafdb(basic: Path) -> None:
    """Write four aligned faces of each emotion."""
    (basic / "EmoLabel").mkdir(parents=True)
    aligned = basic / "Image" / "aligned"
    aligned.mkdir(parents=True)
    numbers = {emotion: number for number, emotion in RAFDB.items()}
    rows = []
    for number in range(28):
        emotion = Emotion(number % 7)
        rows.append(f"train_{number:05d}.jpg {numbers[emotion]}")
        name = f"train_{number:05d}_aligned.jpg"
        cv2.imwrite(str(aligned / name), drawn_crop(emotion, 600 + number, 100))
    rows.append("test_0001.jpg 1")
    cv2.imwrite(str(aligned / "test_0001_aligned.jpg"), drawn_crop(Emotion.SURPRISE, 650, 100))
    table = basic / "EmoLabel" / "list_patition_label.txt"
    table.write_text("\n".join(rows) + "\n")
