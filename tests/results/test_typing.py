"""A user's own type checker understands what yolo-fer gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")

SCRIPT = """
import io
from pathlib import Path

import numpy as np
from PIL import Image

import yolo_fer
from yolo_fer import Detector, FacePrediction, Prediction, Result

detector = Detector(conf=0.3, batch=4)
for source in ("photo.jpg", Path("photo.jpg"), b"", io.BytesIO(), Image.new("RGB", (9, 9))):
    found: Prediction = detector(source, conf=0.4, iou=0.5, max_faces=9)
pixels = np.zeros((9, 9, 3), np.uint8)
result = detector(pixels, rgb=True)
several: list[Prediction] = detector(["a.jpg", "b.jpg"])
several += detector.predict("photos", batch=8)
for face in result:
    same: FacePrediction = face
    happy: float = face.probabilities["happiness"]
    print(face, face.box[0] + happy, face.emotion.label)
count: int = len(result)
picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = result.plot()
path: Path = result.save("out.jpg", overwrite=True)
milliseconds: float = result.speed["network"]
table = yolo_fer.to_df(several)
best = table[table["score"] > 0.5]
for frame in detector.stream("clip.mp4", smooth=0.5):
    shown: Result = frame
    print(len(frame), frame.prediction.time_ms, frame.plot().shape)
yolo_fer.to_df(detector.stream(0)).to_csv("faces.csv")
"""
WRONG = {
    "detector(3)": "No overload variant",
    "detector.predict([1.5])": "List item 0 has incompatible type",
    "same.probabilities[0.5]": "No overload variant",
    'result.speed["inference"]': "has no key",
    "yolo_fer.to_df([1])": "List item 0 has incompatible type",
    "result.fases": "no attribute",
}


def check(script: Path) -> subprocess.CompletedProcess[str]:
    # From a folder of its own, so that it is the user's configuration: none.
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", script.name]
    return subprocess.run(command, capture_output=True, text=True, cwd=script.parent, check=False)


@pytest.mark.slow
def test_a_strict_check_of_a_script_passes_and_finds_what_is_wrong(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(SCRIPT)
    done = check(script)
    assert done.stdout + done.stderr == ""
    script.write_text(SCRIPT + "".join(f"{line}\n" for line in WRONG))
    said = check(script).stdout
    for line, words in WRONG.items():
        assert words in said, line
    assert said.count("error:") == len(WRONG)
