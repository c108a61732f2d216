"""Somebody who copies the commands of README.md and docs/ gets what is said that they do."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers.pages import ROOT, USER_PAGES, blocks, commands
from tests.helpers.strangers_folder import write_strangers_folder

pytestmark = pytest.mark.slow

NOT_RUN = {
    "yolo-fer predict 0 --show": "it needs a camera and a display",
    "yolo-fer predict rtsp://user:password@10.0.0.5/stream": "it needs a network",
    "yolo-fer predict https://example.org": "it needs a network",
    "yolo-fer predict /data/archive --out": "it needs a cluster; tests/cli has one",
    "yolo-fer predict s3://": "it needs an object store; tests/archive has one",
    "yolo-fer app --open": "it goes on until somebody ends it; tests/app has it",
    "yolo-fer serve": "it goes on until somebody ends it; tests/serve has it",
    "yolo-fer check data/expw --dask": "it needs a cluster; tests/convert/test_workers.py has one",
    "yolo-fer train data/expw/data.yaml --model yolo11n": "it starts from weights of the network",
    "yolo-fer weights get yolo11n-affect8": "it needs a network",
    "yolo-fer weights get retinaface-resnet50": "it needs a network",
    "yolo-fer weights get mtcnn-pnet": "it needs a network",
    "yolo-fer train-mtcnn": "it starts from weights that need a network",
    "yolo-fer export --weights best.pt --format ncnn": "it needs packages that it asks for",
}
"""Why commands that begin so are not run."""

NEEDS = ("requests.post", "SLURMCluster", "KubeCluster", "SSHCluster", "duckdb")
"""What stands in programs that need a server, a cluster or another package, and are not run."""

SHORTENED = {
    "yolo-fer demo": "--images 60 --epochs 1",
    "yolo-fer train data/expw/data.yaml": "--start best.pt --epochs 1 --imgsz 64 --batch 8",
    "yolo-fer compare": "--repeats 1 --bootstrap 10",
    "yolo-fer train-classifier": "--epochs 1",
}
"""What is added to a command that would take minutes, or start from what has to be fetched."""

WRITTEN = ("--out", "--json", "--csv", "--save", "--timeline")
"""Options whose value is a file or a folder that a command writes."""


def runs(line: str) -> bool:
    return not line.startswith(tuple(NOT_RUN))


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "YOLO_FER_CACHE": str(folder / "cache"),
        "https_proxy": "http://127.0.0.1:9",  # nothing is fetched
        "CUDA_VISIBLE_DEVICES": "",
    }
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True
    )


PROGRAMS = [
    program
    for page in USER_PAGES
    for program in blocks(page, "python")
    if not any(name in program for name in NEEDS)
]


def outputs(line: str) -> list[str]:
    words = shlex.split(line)
    pairs = pairwise(words)
    return [value for option, value in pairs if option in WRITTEN and not value.startswith("--")]


def yolo_fer(line: str, folder: Path) -> None:
    """Run a command and make sure that what it is to write is there."""
    more = [extra for start, extra in SHORTENED.items() if line.startswith(start)]
    words = shlex.split(" ".join([line, *more]))
    done = run(["-m", "yolo_fer", *words[1:]], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in outputs(line):
        path = folder / name
        assert path.is_file() or any(path.iterdir()), name


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with drawn datasets, and the sets that the pages' own commands make of them."""
    folder = tmp_path_factory.mktemp("prepared")
    write_strangers_folder(folder)
    for made in ("data/expw", "data/affwild2", "data/merged"):
        (line,) = (line for line in commands(*USER_PAGES) if made in outputs(line))
        yolo_fer(line, folder)
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Iterator[Path]:
    yield shutil.copytree(prepared, tmp_path / "folder")
    shutil.rmtree(tmp_path)  # else pytest would keep all of them


@pytest.mark.parametrize("line", [line for line in commands(*USER_PAGES) if runs(line)])
def test_a_command_that_needs_no_network_does_its_work(line: str, folder: Path) -> None:
    for name in outputs(line):
        shutil.rmtree(folder / name, ignore_errors=True)
    yolo_fer(line, folder)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_finds_faces(program: str, folder: Path) -> None:
    done = run(["-c", program], folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "it prints each face"


def test_every_command_that_is_not_run_is_still_there() -> None:
    starts = {**NOT_RUN, **SHORTENED}
    assert [s for s in starts if not any(c.startswith(s) for c in commands(*USER_PAGES))] == []
