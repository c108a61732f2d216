"""What visitors send at once costs the page a bounded memory."""

from __future__ import annotations

import base64
import threading
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


def largest_frame() -> str:
    """Noise of the largest sides that are taken, as large as a message may be."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, 86]
    data = cv2.imencode(".jpg", noise(0, 1920, 1920), quality)[1].tobytes()
    frame = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    assert 3_500_000 < len(frame) < 4_000_000
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
