"""An address that answers in this process, and clients that speak to it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

import numpy as np

from tests.helpers.servers import free_port
from yolo_fer.images import encode_jpeg
from yolo_fer.results import Predictor
from yolo_fer.serve.limits import RequestLimits
from yolo_fer.serve.server import answering
from yolo_fer.web.address import Address

FORM = {"Content-Type": "multipart/form-data; boundary=b"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def reason(self) -> str:
        assert self.headers["content-type"] == "application/json"
        assert set(self.json) == {"error", "reason"}
        return str(self.json["reason"])


@dataclass(frozen=True)
class Answering:
    port: int
    lines: list[str] = field(default_factory=list)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            found = {key.lower(): value for key, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def predict(self, body: Any, headers: dict[str, str] | None = None) -> Answer:
        return self.ask("POST", "/predict", body, headers)

    def metric(self, name: str) -> float:
        """The value of a counter, its labels included in the name; 0 if it is not there."""
        for line in self.ask("GET", "/metrics").body.decode().splitlines():
            key, _, value = line.rpartition(" ")
            if key == name:
                return float(value)
        return 0.0

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


@contextmanager
def answers(
    predictor: Predictor, limits: RequestLimits | None = None, **options: Any
) -> Iterator[Answering]:
    server = Answering(free_port())
    address = Address("127.0.0.1", server.port, options.pop("names", ()))
    limits = limits or RequestLimits()
    with answering(predictor, address, limits, log=server.lines.append, **options):
        yield server


def form(*files: tuple[str, bytes]) -> bytes:
    """A form with files, each under the name `image`."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, data in files
    ]
    return b"".join(parts) + b"--b--\r\n"


def grey(brightness: int, width: int = 40, height: int = 30) -> bytes:
    """A JPEG file of one brightness."""
    return encode_jpeg(np.full((height, width, 3), brightness, np.uint8))
