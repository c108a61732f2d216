from __future__ import annotations

import errno
import os

import pytest

from yolo_fer.cli.console import errors_as_status, print_warning
from yolo_fer.errors import YoloFerError


def test_no_message_shows_the_password_of_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    print_warning("http://camera/?user=me&pwd=SECRET is slow")
    with pytest.raises(SystemExit), errors_as_status():
        raise YoloFerError("rtsp:/me:SECRET@camera is no file")

    shown = capsys.readouterr().err
    assert "SECRET" not in shown
    assert "rtsp:/me:***@camera is no file" in shown


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "results.csv: No space left on device; make room"),
        (errno.EROFS, "results.csv: Read-only file system"),
        (errno.ENAMETOOLONG, "results.csv: File name too long"),
    ],
)
def test_whatever_the_system_refuses_is_one_line_that_names_the_file(
    number: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end, errors_as_status():
        raise OSError(number, os.strerror(number), "results.csv")

    assert end.value.code == 1
    assert capsys.readouterr().err.startswith(f"error: {words}")


def test_a_fault_of_our_own_keeps_its_traceback() -> None:
    with pytest.raises(OSError, match="no number"), errors_as_status():
        raise OSError("no number")
    with pytest.raises(BrokenPipeError), errors_as_status():
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")
