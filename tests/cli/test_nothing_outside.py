"""No command connects to anybody, or writes outside of its working folder and the cache."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from tests.helpers.page_visitor import PageVisitor
from tests.helpers.pictures import photograph
from tests.helpers.raw_fer2013 import HEADER, row
from tests.helpers.servers import free_port
from tests.helpers.trained import write_faces
from yolo_fer.errors import YoloFerError
from yolo_fer.weights.store import resolve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

SMALL = ("--epochs", "1", "--imgsz", "64", "--device", "cpu", "batch=4", "workers=0")
TRACE = "work/trace"
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
    "train a classifier": ("train-classifier", "--data", "crops", "--arch", "compact-vgg",
                           "--size", "32", "--epochs", "1", "--device", "cpu", "--out", "small"),
    "val-classifier": ("val-classifier", "crops", "--weights", "small/weights/best.onnx"),
    "train MTCNN": ("train-mtcnn", "set", "--fer2013", "fer2013.csv", "--epochs", "1",
                    "--pretrain-epochs", "0", "--batch", "32", "--device", "cpu"),
    "faces": ("faces", "wider", "--finder", "retinaface", "--finder", "faces.pt"),
    "compare": ("compare", "set/data.yaml", "--weights", "faces.pt", "--weights", "yolo-fer-n",
                "--pipeline", "retinaface+fer-cnn", "--bootstrap", "0"),
    "demo": ("demo", "--images", "60", "--epochs", "1"),
    "val": ("val", "set/data.yaml", "--weights", "faces.pt", "--bootstrap", "0"),
    "doctor": ("doctor",),
    "weights list": ("weights", "list"),
}  # fmt: skip


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
    work = home / "work"
    write_expw(work / "raw", n_images=24, seed=3)
    write_faces(work / "crops", each=5)
    rows = [row(seed, usage="PublicTest" if seed >= 63 else "Training") for seed in range(70)]
    (work / "fer2013.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    (work / "wider" / "images").mkdir(parents=True)
    shutil.copy(work / "photo.jpg", work / "wider" / "images" / "photo.jpg")
    (work / "wider" / "label.txt").write_text("# photo.jpg\n740 60 320 420\n")
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
    if "MTCNN" in name:
        copy_weights(home, "mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet")
    before = snapshot(home)
    done = subprocess.run(
        traced(home, *COMMANDS[name]), cwd=home / "work", env=environment_of(home),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr  # `check` and `doctor` find something
    assert "Traceback" not in done.stderr
    assert connections(home) == []
    assert snapshot(home) == before


def test_the_page(home: Path) -> None:
    """Its visitors come from this computer, and it goes nowhere."""
    pytest.importorskip("gradio")
    before, port = snapshot(home), free_port()
    page = subprocess.Popen(
        traced(home, "app", "--port", str(port)), cwd=home / "work", env=environment_of(home),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert page.stdout is not None
        assert "http://" in page.stdout.readline()
        visitor = PageVisitor(f"http://127.0.0.1:{port}/")
        assert "face" in visitor.show_images(home / "work" / "photo.jpg")
        photo = (home / "work" / "photo.jpg").read_bytes()
        assert "frames a second" in visitor.look(photo)
    finally:
        # strace passes no signals on; the page is its child.
        children = Path(f"/proc/{page.pid}/task/{page.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGINT)
        _, errors = page.communicate(timeout=60)
    assert page.returncode == 130, errors
    assert "Traceback" not in errors
    assert [line for line in connections(home) if "127.0.0.1" not in line] == []
    assert snapshot(home) == before


def copy_weights(home: Path, *names: str) -> None:
    """Put fetched weights into the cache of the drawn computer."""
    cache = home / ".cache" / "yolo-fer"
    cache.mkdir(parents=True, exist_ok=True)
    for name in names:
        try:
            shutil.copy(resolve(name), cache)
        except YoloFerError as error:
            pytest.skip(f"weights are not here: {error}")


def traced(home: Path, *command: str) -> list[str]:
    """The command under strace, which writes down who is called."""
    trace = ["-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,sendto", "-o", str(home / TRACE)]
    return ["strace", *trace, sys.executable, "-m", "yolo_fer", *command]


def environment_of(home: Path) -> dict[str, str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("XDG_", "YOLO_", "ORT_", "MPLCONFIG", "GRADIO_"))
    }
    return kept | {
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def connections(home: Path) -> list[str]:
    return [line for line in (home / TRACE).read_text().splitlines() if "AF_INET" in line]
