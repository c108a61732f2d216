"""Sources of `yolo-fer predict` that are no files: standard input, the web, nothing at all."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

pytest.importorskip("onnx")
from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.web_server import send, serving
from yolo_fer import images
from yolo_fer.images import encode_jpeg

FACE = ((80.0, 80.0, 240.0, 240.0), {3: 0.8})


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_constant(tmp_path / "fixed.onnx", raw_output(FACE))


@pytest.fixture(scope="module")
def photo() -> bytes:
    import numpy as np

    return encode_jpeg(np.full((320, 320, 3), 90, np.uint8))


@pytest.fixture(scope="module")
def host(photo: bytes) -> Iterator[str]:
    def of_kind(kind: str) -> object:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            send(handler, photo, kind=kind)

        return answer

    with serving(
        {
            "/a.jpg": of_kind("image/jpeg"),
            "/picture": of_kind("image/jpeg"),
            "/unknown.jpg": of_kind("application/octet-stream"),
            "/page.jpg": lambda handler: send(handler, b"<html>", kind="text/html"),
        }
    ) as address:
        yield address


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yolo_fer", "predict", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)
    return subprocess.CompletedProcess(
        command, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def test_an_image_is_read_from_standard_input(weights: Path, photo: bytes, tmp_path: Path) -> None:
    done = run("-", "--weights", weights, "--json", "-", "--save", tmp_path / "out", stdin=photo)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["source"] == "-"
    assert images.read(tmp_path / "out" / "stdin.jpg").shape == (320, 320, 3)


@pytest.mark.parametrize(
    ("sent", "words"),
    [(b"no image", "standard input: "), (b"", "standard input: the file is empty")],
)
def test_what_is_no_image_on_standard_input_is_one_line(
    weights: Path, sent: bytes, words: str
) -> None:
    done = run("-", "--weights", weights, stdin=sent)

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"error: {words}")


def test_standard_input_is_named_once_and_is_no_archive(weights: Path, tmp_path: Path) -> None:
    twice = run("-", "-", "--weights", weights)
    assert twice.returncode == 2
    assert "name it once" in twice.stderr
    archive = run("-", "--weights", weights, "--out", tmp_path / "out")
    assert archive.returncode == 2
    assert "an archive is of files; standard input" in archive.stderr


@pytest.mark.parametrize("path", ["a.jpg", "picture", "unknown.jpg"])
def test_an_address_of_an_image_is_an_image(
    weights: Path, host: str, path: str, tmp_path: Path
) -> None:
    done = run(f"{host}/{path}", "--weights", weights, "--json", "-", "--save", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["source"], line["frame"], len(line["faces"])) == (f"{host}/{path}", None, 1)
    (copy,) = (tmp_path / "out").iterdir()
    assert copy.suffix == ".jpg"


@pytest.mark.parametrize(
    ("path", "words"), [("gone.jpg", "the server says 404"), ("page.jpg", "not an image")]
)
def test_an_address_without_an_image_is_one_line(
    weights: Path, host: str, path: str, words: str
) -> None:
    done = run(f"{host}/{path}", "--weights", weights)

    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {host}/{path}: ")
    assert words in line


def test_a_missing_file_is_one_line(weights: Path, tmp_path: Path) -> None:
    done = run(tmp_path / "gone.jpg", "--weights", weights)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {tmp_path / 'gone.jpg'}: the file does not exist\n"


def test_the_last_line_says_what_was_found_how_fast_and_where_it_lies(
    weights: Path, photo: bytes, tmp_path: Path
) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(photo)
    table = tmp_path / "faces.csv"
    arguments = (tmp_path / "a.jpg", tmp_path / "b.jpg", tmp_path / "gone.jpg", "--csv", table)
    done = run(*arguments, "--weights", weights)

    last, bad = done.stderr.splitlines()
    found = r"images: 2, faces: 2 \(happiness 2\), [\d.]+ images a second"
    assert re.fullmatch(rf"{found}; results in {re.escape(str(table))}", last)
    assert bad.startswith("warning: 1 missing_image, for example")

    quiet = run(*arguments, "--weights", weights, "--overwrite", "--quiet")
    assert quiet.stderr == f"{bad}\n"


def test_verbose_says_what_is_loaded_and_how_it_is_used(
    weights: Path, photo: bytes, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(photo)
    done = run(tmp_path / "a.jpg", "--weights", weights, "--conf", "0.31", "-v")

    loaded = done.stderr.splitlines()[0]
    assert re.match(r"fixed\.onnx: loaded in [\d.]+ s, longer side \d+, threshold 0\.31", loaded)
    assert len(done.stdout.splitlines()) == 1
