from __future__ import annotations

from pathlib import Path, PurePosixPath

from yolo_fer.outputs.targets import plan_targets


def planned(*wanted: str) -> list[str]:
    paths = plan_targets(Path("out"), map(PurePosixPath, wanted), ".jpg")
    return [path.as_posix() for path in paths]


def test_copies_lie_in_the_same_sub_folders_under_another_extension() -> None:
    assert planned("a.png", "sub/a.tar.gz", "sub/b") == [
        "out/a.jpg",
        "out/sub/a.tar.jpg",
        "out/sub/b.jpg",
    ]


def test_the_later_of_two_of_a_name_gets_a_number_whatever_the_case_of_its_letters() -> None:
    assert planned("a.png", "a.jpg", "A.jpg", "a-2.jpg", "sub/a.jpg") == [
        "out/a.jpg",
        "out/a-2.jpg",
        "out/A-3.jpg",
        "out/a-2-2.jpg",
        "out/sub/a.jpg",
    ]
