"""HTTP streams from a process of its own, as cameras send them.

Run as `python stream_server.py KIND PORT RATE [CERTIFICATE]`; with a certificate, whose file holds
its key, too, they are encrypted. Every picture of a run tells its number in the width of a white
bar (see `number_of`), so that a test knows which frames it was given.
"""

from __future__ import annotations

import itertools
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import cv2
import numpy as np

from yolo_fer.images import Image

WIDTH, HEIGHT = 256, 128
_STEPS = 64


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> Image:
    image = np.full((height, width, 3), 40, np.uint8)
    image[height // 2 :, : (number % _STEPS + 1) * width // _STEPS] = 230
    return image


def number_of(image: Image) -> int:
    """The number of a picture modulo 64."""
    height, width = image.shape[:2]
    row = image[height * 3 // 4, :, 1] > 128
    return round(int(row.sum()) * _STEPS / width) - 1


class Streams(BaseHTTPRequestHandler):
    kind = "mjpeg"
    rate = 30.0

    def do_GET(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # the reader has left
            getattr(self, f"send_{self.kind}")()

    def start(self, content_type: str, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def ticks(self) -> Iterator[int]:
        start = time.monotonic()
        for number in itertools.count():
            time.sleep(max(0, start + number / self.rate - time.monotonic()))
            yield number

    def send_mjpeg(self) -> None:
        self.start("multipart/x-mixed-replace; boundary=frame")
        for number in self.ticks():
            self.send_part(picture(number))

    def send_unbounded(self) -> None:
        """As many ESP32 cameras: no boundary before the first picture."""
        self.start("multipart/x-mixed-replace;boundary=123456789000000000000987654321")
        for number in self.ticks():
            data = cv2.imencode(".jpg", picture(number))[1].tobytes()
            head = f"Content-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            bounds = b"\r\n--123456789000000000000987654321\r\n"
            self.wfile.write((bounds if number else b"") + head + data)

    def send_bomb(self) -> None:
        """A picture without an end, as fast as the network can."""
        self.start("multipart/x-mixed-replace; boundary=frame")
        self.wfile.write(cv2.imencode(".jpg", picture(0))[1].tobytes()[:-2])
        while True:
            self.wfile.write(bytes(1 << 20))

    def send_protected(self) -> None:
        """Only for who knows the password."""
        if self.headers.get("Authorization") != "Basic bWU6c2VjcmV0":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_mjpeg()

    def send_noise(self) -> None:
        """Pictures that do not compress."""
        self.start("multipart/x-mixed-replace; boundary=frame")
        rng = np.random.default_rng(0)
        for _ in self.ticks():
            self.send_part(rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8))

    def send_resized(self) -> None:
        """Every third picture is upright."""
        self.start("multipart/x-mixed-replace; boundary=frame")
        for number in self.ticks():
            size = (HEIGHT, WIDTH) if number % 3 == 2 else (WIDTH, HEIGHT)
            self.send_part(picture(number, *size))

    def send_part(self, image: Image) -> None:
        data = cv2.imencode(".jpg", image)[1].tobytes()
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
        self.wfile.write(head.encode() + data + b"\r\n")

    def send_ts(self) -> None:
        self.start("video/mp2t")
        with av.open(self.wfile, "w", format="mpegts") as out:
            stream = out.add_stream("mpeg2video", rate=30)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for number in self.ticks():
                frame = av.VideoFrame.from_ndarray(picture(number), format="bgr24")
                out.mux(stream.encode(frame))

    def send_garbage(self) -> None:
        self.start("video/mp2t")
        rng = np.random.default_rng(0)
        for _ in self.ticks():
            self.wfile.write(rng.bytes(4000))

    def send_rotting(self) -> None:
        """Pictures, and behind the 20th nothing but noise."""
        self.start("multipart/x-mixed-replace; boundary=frame")
        rng = np.random.default_rng(0)
        for number in self.ticks():
            if number < 20:
                self.send_part(picture(number))
            else:
                self.wfile.write(rng.bytes(4000))

    def send_nothing(self) -> None:
        self.send_error(404)

    def send_silence(self) -> None:
        self.start("video/mp2t")
        self.wfile.flush()
        time.sleep(600)

    def send_file(self) -> None:
        data = Path(self.path).read_bytes()
        self.start("video/mp4", len(data))
        self.wfile.write(data)

    def send_half(self) -> None:
        data = Path(self.path).read_bytes()
        self.start("video/mp4", len(data))
        self.wfile.write(data[: len(data) // 2])

    def log_message(self, *_: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    kind: str, port: int, rate: float = 30, certificate: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a server and wait until it listens."""
    command = [sys.executable, "-m", "tests.helpers.stream_server", kind, str(port), str(rate)]
    command += [str(certificate)] if certificate else []
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    wait_until_it_listens(process, port)
    return process


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(400):
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"the server does not listen; status {process.wait()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@contextmanager
def serving(
    kind: str, port: int | None = None, rate: float = 30, certificate: Path | None = None
) -> Iterator[str]:
    """Run a server; the address is that of its root."""
    port = free_port() if port is None else port
    process = start(kind, port, rate, certificate)
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
    finally:
        stop(process)


if __name__ == "__main__":
    Streams.kind, Streams.rate = sys.argv[1], float(sys.argv[3])
    ThreadingHTTPServer.allow_reuse_address = True
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Streams)
    if sys.argv[4:]:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[4])
        # Not when a connection is accepted: one that never shakes hands would block all others.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    server.serve_forever()
