"""What many clients at once get from `yolo-fer serve`, compared with a bare detector."""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tools.benchmark.figures import Figure
from yolo_fer.detector import Detector
from yolo_fer.errors import YoloFerError
from yolo_fer.images import decode

_START_SECONDS = 60


@dataclass(slots=True)
class _Load:
    """What all clients together saw."""

    seconds: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    elapsed: float = 0.0


def serving(
    files: Sequence[Path], weights: Path, clients: int, seconds: float, threads: int
) -> list[Figure]:
    """Let clients send images without a pause, each on a connection of its own.

    An answer that does not come, is refused or holds other faces than a bare detector finds in the
    same image is lost. The bare detector decodes and predicts the same files in this process,
    before and after, and not while the clients are there.

    Args:
        files: of images.
        weights: an ONNX file.
        clients: how many there are at once.
        seconds: how long they send.
        threads: of ONNX Runtime, on both sides.
    """
    pictures = [file.read_bytes() for file in files]
    detector = Detector(weights, device="cpu", threads=threads)
    expected = [_faces(detector.predict([decode(data)])[0].to_json()) for data in pictures]
    before = _bare(detector, pictures, seconds / 4)
    with _server(weights, threads) as port:
        load = _send(port, pictures, expected, clients, seconds)
    bare = statistics.mean((before, _bare(detector, pictures, seconds / 4)))
    if len(load.seconds) < 2:
        raise YoloFerError(f"the server answered next to nothing; {load.lost[:3]}")
    rate = len(load.seconds) / load.elapsed
    centiles = statistics.quantiles(load.seconds, n=100)
    fair = clients * bare  # what a client waits for if nothing but the network takes time
    many = f"serve, {clients} clients"
    setting = (
        f"{len(load.seconds)} answers in {load.elapsed:.0f} s, {rate:.1f} images a second compared "
        f"with {1 / bare:.1f}, {detector.name} at {detector.imgsz} px, {threads} threads"
    )
    requests = len(load.seconds) + len(load.lost)
    lost = f"{len(load.lost)} of {requests} requests lost; {'; '.join(load.lost[:2])}".strip("; ")
    answered = len(load.seconds) / requests
    return [
        Figure(f"{many}: answers : requests", (answered,), "", 1, False, lost),
        Figure(f"{many}: images a second : bare", (rate * bare,), "x", 0.8, False, setting),
        _latency(f"{many}: p50 : {clients} bare images", centiles[49], fair, 1.25),
        _latency(f"{many}: p99 : {clients} bare images", centiles[98], fair, 2.0),
    ]


def _latency(name: str, seconds: float, fair: float, goal: float) -> Figure:
    setting = f"{1000 * seconds:.0f} ms compared with {1000 * fair:.0f} ms"
    return Figure(name, (seconds / fair,), "x", goal, True, setting)


def _bare(detector: Detector, pictures: Sequence[bytes], seconds: float) -> float:
    """Return the seconds that an image takes in this process, from bytes to JSON."""
    start, done = time.monotonic(), 0
    while (elapsed := time.monotonic() - start) < seconds or not done:
        (prediction,) = detector.predict([decode(pictures[done % len(pictures)])])
        json.dumps(prediction.to_json())
        done += 1
    return elapsed / done


def _faces(answer: dict[str, Any]) -> list[str]:
    """Return what has to be the same however many images a run has: no score to its last digit."""
    return [face["emotion"] for face in answer["faces"]]


@contextmanager
def _server(weights: Path, threads: int) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    words = ["serve", "--weights", str(weights), "--threads", str(threads), "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-m", "yolo_fer", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            if "http://" not in process.stdout.readline():
                raise YoloFerError(f"yolo-fer {' '.join(words)} does not start")
            yield port
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def _send(
    port: int,
    pictures: Sequence[bytes],
    expected: Sequence[list[str]],
    clients: int,
    seconds: float,
) -> _Load:
    load = _Load()
    start = threading.Barrier(clients + 1)
    until = time.monotonic() + seconds

    def go(client: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        start.wait()
        number = client
        while time.monotonic() < until:
            number = (number + 1) % len(pictures)
            began = time.monotonic()
            try:
                connection.request("POST", "/predict", pictures[number])
                response = connection.getresponse()
                answer = json.loads(response.read())
            except (OSError, HTTPException, ValueError) as error:
                load.lost.append(repr(error))
                connection.close()
                continue
            if response.status == 200 and _faces(answer) == expected[number]:
                load.seconds.append(time.monotonic() - began)
            else:
                load.lost.append(f"{response.status} {str(answer)[:80]}")
        connection.close()

    crowd = [threading.Thread(target=go, args=(client,)) for client in range(clients)]
    for thread in crowd:
        thread.start()
    start.wait()
    began = time.monotonic()
    for thread in crowd:
        thread.join()
    load.elapsed = time.monotonic() - began
    return load
