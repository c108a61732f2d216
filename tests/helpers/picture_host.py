"""A web server with pictures, and with what can go wrong on the way to one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.helpers.answering import grey


class _Handler(BaseHTTPRequestHandler):
    server: PictureHost

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        path = self.path.partition("?")[0]
        if path.startswith("/grey/"):
            self._send(grey(int(path.rpartition("/")[2])))
        elif path == "/to":
            self.send_response(302)
            self.send_header("Location", self.path.partition("?")[2])
            self.end_headers()
        elif path == "/large":
            self._send(bytes(300_000))
        elif path == "/large-without-length":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(bytes(300_000))
        elif path == "/cut-short":
            self.send_response(200)
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b"x")
        elif path == "/drip":
            self._drip()
        elif path == "/compressed":
            self._send(b"x", {"Content-Encoding": "gzip"})
        elif path == "/nonsense":
            self.wfile.write(b"hello\r\n\r\n")
        elif path != "/nothing":
            self.send_error(404)

    def _send(self, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(200)
        for key, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)

    def _drip(self) -> None:
        """A byte of a header now and then, so that no single wait is long."""
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            for _ in range(200):
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            pass  # the client had enough

    def log_message(self, *_: object) -> None:
        pass


class PictureHost(ThreadingHTTPServer):
    """`asked` holds the path and the host of each request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def picture_host() -> Iterator[PictureHost]:
    with PictureHost() as host:
        thread = threading.Thread(target=host.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()
