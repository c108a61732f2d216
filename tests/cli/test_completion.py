from __future__ import annotations

import os
import subprocess
import sys

import pytest


def _completed(*words: str) -> list[str]:
    """Return what bash is offered for the last word."""
    environment = os.environ | {
        "_YOLO_FER_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("yolo-fer", *words)),
        "COMP_CWORD": str(len(words)),
    }
    code = "from yolo_fer.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("predict", "--weights", "yolo-fer-n_"), ["yolo-fer-n_int8.onnx"]),
        (("val", "--weights", "yolo-fer-n."), ["yolo-fer-n.onnx", "yolo-fer-n.pt"]),
        (("predict", "--pipeline", "haar+fer"), ["haar+fer-cnn.onnx"]),
        (("compare", "--pipeline", "yunet+compact"), ["yunet+compact-resnet.onnx"]),
        (("export", "--weights", "yolo-fer-n"), ["yolo-fer-n.pt"]),
        (("train", "data.yaml", "--model", "yolo11n"), ["yolo11n"]),
        (("train", "data.yaml", "--start", "yolo11n-a"), ["yolo11n-affect8"]),
        (("val-classifier", "--weights", "compact"), ["compact-resnet.onnx"]),
        (("faces", "--finder", "yu"), ["yunet"]),
        (("weights", "get", "mtcnn-p"), ["mtcnn-pnet"]),
        (("weights", "verify", "yolo11s"), ["yolo11s"]),
        (("app", "--weights", "./runs/"), []),  # the shell offers files
    ],
)
def test_names_of_weights_complete(words: tuple[str, ...], offered: list[str]) -> None:
    assert _completed(*words) == offered
