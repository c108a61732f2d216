"""`yolo-fer app` as a user starts and ends it."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.helpers.servers import START, free_port, serving
from yolo_fer.palette import COLOURS

pytest.importorskip("gradio")
pytest.importorskip("av")


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310
        return str(answer.read().decode())


def _upload(url: str, content: bytes, headers: dict[str, str] | None = None) -> str:
    """Send a file and return where the page put it."""
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
    body = part + content + b"\r\n--b--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    request = urllib.request.Request(f"{url}gradio_api/upload", body, kind | (headers or {}))  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        (path,) = json.loads(answer.read())
    return str(path)


def test_a_page_from_its_start_to_ctrl_c(one_face: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    with serving(tmp_path, "--weights", one_face) as server:
        page, style = _get(server.url), _get(f"{server.url}theme.css")
        assert "What a percentage means" in page
        # Fonts and scripts come from the page itself.
        loaded = re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["'](https?:[^"']+)""", page)
        assert loaded == []
        assert "googleapis" not in style + page
        sign = _get(f"{server.url}favicon.ico")
        assert sign.startswith("<svg")
        assert set(re.findall("#[0-9a-f]{6}", sign)) <= set(COLOURS.values())
        assert '"analytics_enabled":false' in page.replace(" ", "")
        # Three visitors who send the same picture have a place each.
        same = {_upload(server.url, b"the same picture") for _ in range(3)}
        assert len(same) == 3
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                _upload(server.url, b"not wanted", headers)
        # What was not uploaded is not shown.
        with pytest.raises(urllib.error.HTTPError) as caught:
            _get(f"{server.url}gradio_api/file={secret}")
        assert caught.value.code in (403, 404)
        (folder,) = tmp_path.glob("yolo-fer-app-*")
        assert folder.stat().st_mode & 0o077 == 0
        status, errors = server.stop(signal.SIGINT)
        assert status == 130, errors
        assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == [secret]


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this computer has no IPv6")
def test_proxies_and_numbers_of_ipv6_do_not_hinder_the_start(
    one_face: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in (
        ("HTTP_PROXY", "http://127.0.0.1:9"),  # nothing answers there
        ("ALL_PROXY", "socks5h://127.0.0.1:9"),  # wants a package that is not installed
        ("NO_PROXY", "elsewhere.example"),
        ("no_proxy", ""),  # which would win
    ):
        monkeypatch.setenv(variable, value)
    with serving(tmp_path, "--weights", one_face, "--host", "::1") as server:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(server.url.replace("127.0.0.1", "[::1]"), timeout=20) as answer:
            assert b"What a percentage means" in answer.read()
        status, errors = server.stop(signal.SIGINT)
        assert status == 130, errors


@pytest.mark.slow
def test_being_terminated_leaves_nothing_either(one_face: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "--weights", one_face, "--host", "0.0.0.0") as server:  # noqa: S104
        status, errors = server.stop(signal.SIGTERM)
        assert status == 0
        assert "anyone who reaches this computer can use it" in " ".join(errors.split())
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_at_once(one_face: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _run("--weights", one_face, "--port", port)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--max-upload", "0"], ["--max-seconds", "0"], ["--port", "0"], ["--host", "no.such.invalid"]],
)
def test_wrong_usage(one_face: Path, arguments: list[str]) -> None:
    given = arguments if "--port" in arguments else [*arguments, "--port", str(free_port())]
    done = _run("--weights", one_face, *given)
    assert done.returncode == 2, done.stderr
    assert arguments[0] in done.stderr
