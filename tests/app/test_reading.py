"""An uploaded image costs a limited time, and its decoder can take nobody down."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.helpers.frames import noise
from yolo_fer.app.limits import Limits
from yolo_fer.app.reading import ReadingProcesses
from yolo_fer.app.uploaded_images import predict_uploaded_images
from yolo_fer.detector import Detector
from yolo_fer.errors import ImageError
from yolo_fer.images import encode_jpeg, read_reduced


@pytest.fixture(scope="module")
def processes() -> Iterator[ReadingProcesses]:
    with ReadingProcesses() as processes:
        yield processes


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG image of as many scans as are allowed, which takes some seconds."""
    data = io.BytesIO()
    picture = PillowImage.fromarray(noise(0, 2000, 2000))
    picture.save(data, "JPEG", progressive=True, quality=30)
    whole = data.getvalue()
    last = whole.rfind(b"\xff\xda")
    path = tmp_path_factory.mktemp("slow") / "slow.jpg"
    path.write_bytes(whole[:-2] + 480 * whole[last:-2] + whole[-2:])
    return path


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def reason(error: pytest.ExceptionInfo[ImageError]) -> str:
    return error.value.reason


def test_it_reads_what_this_process_would_read(processes: ReadingProcesses, tmp_path: Path) -> None:
    image, sizes = noise(1, 300, 200), []
    path = write(tmp_path / "a.jpg", encode_jpeg(image))
    with processes.reader(Limits()) as read:
        found, size = read(path, sizes.append)
        assert np.array_equal(found, read_reduced(path)[0])
        assert (size, sizes) == ((300, 200), [3 * 300 * 200])
        for name, content, wrong in (
            ("b.jpg", b"", "empty_image"),
            ("c.jpg", b"no image", "not_an_image"),
            ("d.jpg", encode_jpeg(image)[:900], "truncated_image"),
        ):
            with pytest.raises(ImageError, match=name) as error:
                read(write(tmp_path / name, content))
            assert reason(error) == wrong
        assert np.array_equal(read(path)[0], found)


def test_an_image_that_takes_too_long_is_given_up_and_the_next_is_read(
    processes: ReadingProcesses, slow: Path, tmp_path: Path, detector: Detector
) -> None:
    good = write(tmp_path / "good.jpg", encode_jpeg(noise(2, 320, 320)))
    (tmp_path / "out").mkdir()
    with processes.reader(Limits(image_seconds=0.5)) as read:
        read(good)  # the process is there
        start = time.monotonic()
        result = predict_uploaded_images(
            [slow, good], detector, tmp_path / "out", blur=False, read=read
        )
    assert time.monotonic() - start < 20
    first, second = result.predictions
    assert first.error == (
        "slow.jpg: reading it takes longer than 0.5 s; send a smaller copy, as JPEG or PNG"
    )
    assert len(second.faces) == 1


def test_an_upload_takes_a_limited_time_in_all(
    processes: ReadingProcesses, slow: Path, tmp_path: Path
) -> None:
    good = write(tmp_path / "good.jpg", encode_jpeg(noise(2)))
    with processes.reader(Limits(image_seconds=0.5, upload_seconds=0.8)) as read:
        for _ in range(2):
            with pytest.raises(ImageError, match="takes longer"):
                read(slow)
        with pytest.raises(ImageError, match="send fewer at once") as error:
            read(good)
    assert reason(error) == "slow_image"
    with processes.reader(Limits()) as read:  # somebody else's
        assert read(good)[1] == (96, 64)


def test_a_slow_image_of_one_visitor_does_not_keep_another_waiting(
    processes: ReadingProcesses, slow: Path, tmp_path: Path
) -> None:
    good = write(tmp_path / "good.jpg", encode_jpeg(noise(2)))
    ended: list[str] = []

    def visit(name: str, path: Path, seconds: float) -> None:
        with processes.reader(Limits(image_seconds=seconds)) as read:
            try:
                read(path)
            except ImageError as error:
                ended.append(f"{name}: {error.reason}")
            else:
                ended.append(f"{name}: read")

    hostile = threading.Thread(target=visit, args=("first", slow, 5.0))
    with processes.reader(Limits()) as read:
        read(good)
        hostile.start()
        time.sleep(0.1)
        visit("second", good, 20.0)
        hostile.join()
    assert ended == ["second: read", "first: slow_image"]


def test_a_decoder_that_crashes_takes_only_its_own_image_along(
    processes: ReadingProcesses, slow: Path, tmp_path: Path
) -> None:
    good = write(tmp_path / "good.jpg", encode_jpeg(noise(2)))
    with processes.reader(Limits()) as read:
        read(good)
        process = read._process
        assert process is not None
        killer = threading.Timer(0.3, os.kill, (process._process.pid, signal.SIGSEGV))
        killer.start()
        with pytest.raises(ImageError, match="its decoder crashed") as error:
            read(slow)
        assert reason(error) == "corrupt_image"
        assert read(good)[1] == (96, 64)
