"""`yolo-fer serve` as a user starts and ends it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from importlib import util
from pathlib import Path

import pytest

from tests.helpers.answering import grey
from tests.helpers.command import lines_of, yolo_fer
from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.servers import free_port, serving
from yolo_fer.errors import MissingExtraError
from yolo_fer.serve.server import check_address
from yolo_fer.web.address import Address

START = "from yolo_fer.cli.main import main; main('serve')"


@pytest.fixture(scope="module")
def one_face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that find the same happy face in every image of 320 by 320 pixels."""
    output = raw_output(((80, 96, 160, 192), {3: 0.9, 6: 0.2}))
    return write_constant(tmp_path_factory.mktemp("weights") / "one.onnx", output)


def _predict(url: str, body: bytes, **headers: str) -> bytes:
    request = urllib.request.Request(f"{url}predict", body, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return bytes(answer.read())


def test_an_address_from_its_start_to_being_terminated(one_face: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(grey(90, 320, 320))
    lines = tmp_path / "lines.jsonl"
    assert yolo_fer("predict", picture, "--weights", one_face, "--json", lines).returncode == 0
    (expected,) = lines_of(lines)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with serving(temporary, "--weights", one_face, start=START) as server:
        found = json.loads(_predict(server.url, picture.read_bytes()))
        assert found == expected | {"source": "body"}
        assert found["faces"]
        assert list(temporary.iterdir()) == [], "no picture is written to a disk"
        status, errors = server.stop(signal.SIGTERM)
    assert status == 0, errors
    (line,) = errors.splitlines()
    assert "POST /predict 200" in line


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_it_connects_to_nobody_and_writes_nothing(one_face: Path, tmp_path: Path) -> None:
    trace, temporary = tmp_path / "trace", tmp_path / "temporary"
    temporary.mkdir()
    strace = ("strace", "-D", "-f", "-qq", "-e", "trace=connect,openat", "-o", str(trace))
    with serving(temporary, "--weights", one_face, start=START, through=strace) as server:
        _predict(server.url, grey(90, 2_000, 2_000))
        with urllib.request.urlopen(f"{server.url}docs", timeout=20) as page:  # noqa: S310
            assert page.status == 200
        status, errors = server.stop(signal.SIGTERM)
    assert status == 0, errors
    calls = trace.read_text().splitlines()
    assert len(calls) > 100
    written = r"openat\(.*O_(WRONLY|RDWR|CREAT)"
    found = [c for c in calls if "AF_INET" in c or (re.search(written, c) and "/dev/" not in c)]
    assert not [call for call in found if "__pycache__" not in call]


def test_ctrl_c_ends_it_with_the_usual_status(one_face: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "--weights", one_face, start=START) as server:
        status, errors = server.stop(signal.SIGINT)
    assert status == 130
    assert "Traceback" not in errors


def test_a_token_of_the_environment_is_asked_for(
    one_face: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "a-secret-of-some-length"  # noqa: S105
    monkeypatch.setenv("YOLO_FER_TOKEN", secret)
    with serving(tmp_path, "--weights", one_face, "--host", "0.0.0.0", start=START) as server:  # noqa: S104
        with pytest.raises(urllib.error.HTTPError, match="401"):
            _predict(server.url, grey(90))
        assert _predict(server.url, grey(90), Authorization=f"Bearer {secret}")
        _, errors = server.stop(signal.SIGTERM)
    assert secret not in errors
    assert "warning" not in errors


def _run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START, "--port", str(free_port()), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=60, check=False,
        env=os.environ | environment,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--host", "0.0.0.0"], "--no-token"),  # noqa: S104
        (["--host", "no.such.invalid", "--no-token"], "--host no.such.invalid"),
        (["--token-file", "missing"], "--token-file missing"),
        (["--max-upload", "0"], "--max-upload"),
        (["--max-pixels", "0"], "--max-pixels"),
        (["--queue", "2"], "--batch"),
        (["--timeout", "nan"], "--timeout"),
    ],
)
def test_wrong_usage_names_the_option(one_face: Path, arguments: list[str], named: str) -> None:
    done = _run("--weights", one_face, *arguments)
    assert done.returncode == 2, done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_a_token_and_none_at_once_is_wrong_usage(one_face: Path) -> None:
    done = _run("--weights", one_face, "--no-token", YOLO_FER_TOKEN="a-secret-of-some-length")  # noqa: S106
    assert done.returncode == 2
    assert "--no-token" in done.stderr


def test_a_port_that_is_taken_is_said_before_anything_is_loaded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _run("--weights", "missing.onnx", "--port", port)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize("package", ["fastapi", "prometheus_client", "python_multipart", "uvicorn"])
def test_a_missing_package_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    find = util.find_spec
    monkeypatch.setattr(
        "yolo_fer.serve.server.find_spec", lambda name: None if name == package else find(name)
    )
    with pytest.raises(MissingExtraError, match=rf"{package}.*yolo-fer\[serve\]"):
        check_address(Address("127.0.0.1", free_port()), None, no_token=False)
