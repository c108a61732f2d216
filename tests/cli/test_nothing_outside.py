"""No command connects to anybody, or writes outside of its working folder and the cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from tests.helpers.pictures import photograph
from yolo_fer.weights.store import resolve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

SMALL = ("--epochs", "1", "--imgsz", "64", "--device", "cpu", "batch=4", "workers=0")
COMMANDS = {
    "predict": ("predict", "photo.jpg", "--json", "faces.jsonl", "--save", "annotated"),
    "predict a checkpoint": ("predict", "photo.jpg", "--weights", "faces.pt"),
    "predict two stages": ("predict", "photo.jpg", "--pipeline", "retinaface+fer-cnn"),
    "export onnx": ("export", "--weights", "faces.pt"),
    "export openvino": ("export", "--weights", "faces.pt", "--format", "openvino"),
    "export torchscript": ("export", "--weights", "faces.pt", "--format", "torchscript"),
    "export int8": ("export", "--weights", "faces.pt", "--int8", "--data", "."),
    "convert": ("convert", "expw", "raw", "--out", "set", "--unlabelled", "keep"),
    "check": ("check", "set"),
    "view": ("view", "set", "--out", "sheets"),
    "convert once more": ("convert", "expw", "raw", "--out", "other", "--unlabelled", "keep"),
    "merge": ("merge", "set", "other", "--out", "merged"),
    "train": ("train", "set/data.yaml", "--start", "none", *SMALL),
    "val": ("val", "set/data.yaml", "--weights", "faces.pt", "--bootstrap", "0"),
    "doctor": ("doctor",),
    "weights list": ("weights", "list"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A computer's home and temporary folder, and a working folder with what the commands read."""
    from yolo_fer.synthetic.drawn_expw import write_expw

    home = tmp_path_factory.mktemp("home")
    for folder in ("work", "tmp", ".config/Ultralytics"):
        (home / folder).mkdir(parents=True)
    (home / ".config" / "Ultralytics" / "settings.json").write_text('{"runs_dir": "mine"}')
    cv2.imwrite(str(home / "work" / "photo.jpg"), photograph("zidane.jpg"))
    shutil.copy(resolve("yolo-fer-n.pt"), home / "work" / "faces.pt")
    write_expw(home / "work" / "raw", n_images=24, seed=3)
    return home


def snapshot(home: Path) -> dict[str, bytes]:
    """Every file outside of the working folder and the caches."""
    files = (path for path in home.rglob("*") if path.is_file())
    return {
        name: path.read_bytes()
        for path in files
        if not (name := path.relative_to(home).as_posix()).startswith(("work/", ".cache/"))
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command(name: str, home: Path) -> None:
    if "openvino" in name:
        pytest.importorskip("openvino")
    trace = home / "work" / "trace"
    before = snapshot(home)
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("XDG_", "YOLO_", "ORT_", "MPLCONFIG"))
    }
    environment |= {"HOME": str(home), "TMPDIR": str(home / "tmp")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    done = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto", "-o", str(trace),
         sys.executable, "-m", "yolo_fer", *COMMANDS[name]],
        cwd=home / "work", env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr  # `check` and `doctor` find something
    assert "Traceback" not in done.stderr
    calls = trace.read_text().splitlines()
    assert [line for line in calls if re.search(r"AF_INET", line)] == []
    assert snapshot(home) == before
