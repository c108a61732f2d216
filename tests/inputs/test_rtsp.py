from __future__ import annotations

import subprocess
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers.stream_server import free_port, stop, wait_until_it_listens
from yolo_fer.inputs.live import LiveSource, Retry
from yolo_fer.inputs.network_stream import connect_stream

SYSTEM_PYTHON = "/usr/bin/python3"
_PROBE = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
)


@pytest.fixture(scope="module")
def server_script() -> Path:
    if (
        not Path(SYSTEM_PYTHON).exists()
        or subprocess.run(
            [SYSTEM_PYTHON, "-c", _PROBE], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("needs Debian's python3-gi and gir1.2-gst-rtsp-server-1.0")
    return Path(__file__).parents[1] / "helpers" / "rtsp_server.py"


def start(script: Path, port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([SYSTEM_PYTHON, str(script), str(port)], stderr=subprocess.PIPE)
    wait_until_it_listens(process, port)
    return process


@pytest.mark.filterwarnings("ignore::yolo_fer.errors.YoloFerWarning")
def test_an_rtsp_camera_that_restarts_is_read_on_with_its_own_time_stamps(
    server_script: Path,
) -> None:
    port = free_port()
    url = f"rtsp://127.0.0.1:{port}/camera"
    process = start(server_script, port)
    source = LiveSource(url, partial(connect_stream, url, 5.0), Retry(5.0, 0.2, 0.5))
    frames = source.frames()
    before = [next(frames) for _ in range(20)]
    stop(process)
    process = start(server_script, port)
    between = next(frame.index for frame in frames if source.reconnects)
    after = [next(frames) for _ in range(20)]
    stop(process)
    source.close()
    assert {frame.image.shape for frame in before + after} == {(240, 320, 3)}
    for part in (before, after):
        for a, b in pairwise(part):
            assert b.time_ms - a.time_ms == pytest.approx(50 * (b.index - a.index), abs=20)
    assert after[0].index > between > before[-1].index
    assert after[0].time_ms > before[-1].time_ms
    assert source.reconnects == 1
