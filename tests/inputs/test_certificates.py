"""An encrypted stream is read only from a server with a certificate that can be verified."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers.raw_affwild2 import film
from tests.helpers.stream_server import free_port, number_of, picture, serving
from yolo_fer.errors import YoloFerError
from yolo_fer.inputs.frame_source import open_source
from yolo_fer.inputs.live import SourceGone
from yolo_fer.inputs.network_stream import connect_stream

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signs itself, with its key, as in a camera."""
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    key = path.with_name("key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=camera", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + key.read_bytes())
    return path


@pytest.mark.parametrize("kind", ["mjpeg", "ts", "file"])
def test_one_that_cannot_be_verified_is_refused_at_once(
    own: Path, tmp_path: Path, kind: str
) -> None:
    film(tmp_path / "a.mp4", map(picture, range(3)), codec="libx264")
    with (
        serving(kind, certificate=own) as url,
        pytest.raises(YoloFerError, match=r"cannot be verified.*`trust_certificate`"),
    ):
        next(open_source(f"{url}{tmp_path / 'a.mp4'}").frames())


@pytest.mark.parametrize("kind", ["mjpeg", "ts", "file"])
@pytest.mark.parametrize("how", ["asked", "named"])
def test_one_that_the_user_trusts_is_read(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, how: str
) -> None:
    film(tmp_path / "a.mp4", map(picture, range(3)), codec="libx264")
    if how == "named":
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
    with serving(kind, certificate=own) as url:
        address = f"{url}{tmp_path / 'a.mp4'}"
        source = open_source(address, trust_certificate=how == "asked")
        assert number_of(next(source.frames()).image) >= 0
        source.close()


def test_a_certificate_of_another_server_is_refused(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    with (
        serving("mjpeg", certificate=own) as url,
        pytest.raises(SourceGone, match="verified"),
    ):
        connect_stream(url.replace("127.0.0.1", "localhost"), timeout_s=5)


def test_ffmpeg_refuses_it_too_and_says_what_to_do(own: Path) -> None:
    port = free_port()
    with serving("mjpeg", port, certificate=own):
        address = f"rtsps://me:SECRET@127.0.0.1:{port}/1"
        with pytest.raises(SourceGone, match=r"cannot be opened: .*`trust_certificate`") as error:
            connect_stream(address, timeout_s=5)
        assert "SECRET" not in str(error.value)
        # It shook hands, and learned that this is no camera.
        with pytest.raises(SourceGone, match="cannot be opened: Invalid data"):
            connect_stream(address, timeout_s=5, trust_certificate=True)
