from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.inputs.frame_source import open_source

MISSING = 987


@pytest.mark.skipif(not Path("/dev").is_dir(), reason="needs device files")
@pytest.mark.parametrize("spec", [MISSING, str(MISSING), f"/dev/video{MISSING}"])
def test_a_camera_that_is_not_there_is_an_error_at_once_that_says_which_are(
    spec: str | int, capfd: pytest.CaptureFixture[str]
) -> None:
    source = open_source(spec)
    assert (source.live, source.name) == (True, str(spec))
    with pytest.raises(
        YoloFerError, match=f"{spec}: there is no camera /dev/video{MISSING} .*give"
    ):
        next(source.frames())
    assert capfd.readouterr().err == "", "OpenCV's own complaints are not shown"
