from __future__ import annotations

import time
from pathlib import Path

from tests.helpers.archives import draw
from yolo_fer.archive.census import Census


def counted(*sources: Path | str) -> tuple[int, int]:
    census = Census([*map(str, sources)])
    for _ in range(1000):
        if census.is_over:
            break
        time.sleep(0.01)
    assert census.is_over
    return census.files, census.bytes


def test_files_that_are_named_as_images_or_videos_are_counted_with_their_bytes(
    tmp_path: Path,
) -> None:
    image = draw(tmp_path / "in" / "a.PNG")
    (tmp_path / "in" / "sub").mkdir()
    (tmp_path / "in" / "sub" / "b.mp4").write_bytes(bytes(500))
    (tmp_path / "in" / "notes.txt").write_bytes(bytes(9000))
    expected = (2, image.stat().st_size + 500)
    assert counted(tmp_path / "in") == expected
    assert counted(image, tmp_path / "in" / "sub") == expected
    assert counted(tmp_path / "in" / "*.PNG") == (1, image.stat().st_size)


def test_what_is_not_there_or_goes_in_circles_does_not_keep_it(tmp_path: Path) -> None:
    draw(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    assert counted(tmp_path / "in", tmp_path / "nowhere")[0] == 1
