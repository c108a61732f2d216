"""What visitors send at once costs the page a bounded memory."""

from __future__ import annotations

import threading
import urllib.error
from contextlib import suppress
from pathlib import Path

import cv2
import pytest

from tests.helpers.frames import noise
from tests.helpers.page_visitor import PageVisitor
from tests.helpers.servers import Server, serving

pytestmark = pytest.mark.slow
pytest.importorskip("gradio")
pytest.importorskip("trackers")

GB = 1_000_000  # in KiB, as /proc counts


def largest_frame() -> bytes:
    """Noise of the largest sides that are taken, as large as a frame may be."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, 86]
    frame = cv2.imencode(".jpg", noise(0, 1920, 1920), quality)[1].tobytes()
    assert 2_600_000 < len(frame) < 3_000_000
    return frame


def most_memory(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.is_file():
        pytest.skip("this system does not tell a process's memory")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


def test_large_camera_frames_of_four_visitors(one_face: Path, tmp_path: Path) -> None:
    frame = largest_frame()
    shown: list[str] = []
    with serving(tmp_path, "--weights", one_face, "--threads", 1) as server:
        before = most_memory(server)

        def look() -> None:
            visitor = PageVisitor(server.url)
            shown.extend(visitor.look(frame) for _ in range(2))

        visitors = [threading.Thread(target=look) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        assert len(shown) == 8
        assert all("frames a second" in text for text in shown)
        assert most_memory(server) - before < 0.6 * GB


def test_more_large_camera_frames_than_there_are_places(one_face: Path, tmp_path: Path) -> None:
    frame = largest_frame()
    shown: list[str] = []
    refused: list[int] = []
    with serving(tmp_path, "--weights", one_face, "--threads", 1) as server:
        visitors = [PageVisitor(server.url) for _ in range(40)]
        before = most_memory(server)

        def look(visitor: PageVisitor) -> None:
            try:
                shown.append(visitor.look(frame))
            except urllib.error.HTTPError as error:
                refused.append(error.code)

        threads = [threading.Thread(target=look, args=(visitor,)) for visitor in visitors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(shown) + len(refused) == 40
        assert len(shown) >= 32
        assert set(refused) <= {503}
        assert most_memory(server) - before < 0.6 * GB


def test_messages_whose_answers_nobody_fetches(one_face: Path, tmp_path: Path) -> None:
    """Gradio keeps them: they have to be small."""
    message = [[], "x" * 190_000]
    with serving(tmp_path, "--weights", one_face, "--threads", 1) as server:
        before = most_memory(server)
        for visitor in (PageVisitor(server.url) for _ in range(3)):
            for _ in range(50):
                with suppress(urllib.error.HTTPError):  # 503: the queue is full
                    visitor.join("upload", "image-files", message)
        with pytest.raises(urllib.error.HTTPError, match="413"):
            visitor.join("upload", "image-files", [[], "x" * 200_000])
        assert most_memory(server) - before < 0.2 * GB
