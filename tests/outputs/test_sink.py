"""What is written replaces nothing unasked, and a failure names the file."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.outputs.sink import (
    plan_targets,
    refuse_existing_file,
    refuse_filled_folder,
    refuse_same_files,
    refuse_sources,
    writing,
)


def test_a_failure_to_write_becomes_an_error_that_names_the_file(tmp_path: Path) -> None:
    target = tmp_path / "none" / "a.txt"
    with (
        pytest.raises(YoloFerError, match=r"a\.txt cannot be written \(No such file"),
        writing(target),
    ):
        target.write_text("lost")
    with pytest.raises(YoloFerError, match="standard output cannot be written"), writing("-"):
        raise OSError(28, "No space left on device")


def test_a_reader_that_has_had_enough_is_no_failure() -> None:
    with pytest.raises(BrokenPipeError), writing("-"):
        raise BrokenPipeError


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(ValueError, match="of another kind"), writing("a.txt"):
        raise ValueError("of another kind")


def test_a_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    refuse_existing_file(path, overwrite=False)
    path.touch()
    refuse_existing_file(path, overwrite=True)
    with pytest.raises(UsageError, match="`overwrite`"):
        refuse_existing_file(path, overwrite=False)
    with pytest.raises(UsageError, match="is a folder"):
        refuse_existing_file(tmp_path, overwrite=True)


def test_a_device_may_always_be_written() -> None:
    refuse_existing_file(Path("/dev/null"), overwrite=False)


def test_a_folder_is_filled_only_if_it_is_empty_or_when_asked(tmp_path: Path) -> None:
    refuse_filled_folder(tmp_path / "new", overwrite=False)
    refuse_filled_folder(tmp_path, overwrite=False)
    (tmp_path / "a.txt").touch()
    refuse_filled_folder(tmp_path, overwrite=True)
    with pytest.raises(UsageError, match="not an empty folder"):
        refuse_filled_folder(tmp_path, overwrite=False)
    with pytest.raises(UsageError, match="is a file"):
        refuse_filled_folder(tmp_path / "a.txt", overwrite=True)


def test_what_is_read_is_not_written_under_any_of_its_names(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.touch()
    (tmp_path / "link.jpg").symlink_to(path)
    (tmp_path / "same.jpg").hardlink_to(path)
    (tmp_path / "self.jpg").symlink_to("self.jpg")
    other, new = tmp_path / "b.jpg", tmp_path / "new.jpg"
    other.touch()
    for name in ("a.jpg", "link.jpg", "same.jpg", "self.jpg"):
        with pytest.raises(UsageError, match=f"{name} is to be predicted and would be lost"):
            refuse_sources([new, tmp_path / name], [other, path, tmp_path / "self.jpg"])
    refuse_sources([other, new, tmp_path / "n\0.jpg"], [path, new, "http://host/a.jpg", "0"])
    refuse_sources([path], [])


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


def test_no_two_results_go_to_one_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "crops", target_is_directory=True)
    refuse_same_files([tmp_path / "crops/faces.csv", tmp_path / "faces.csv"])
    with pytest.raises(UsageError, match=r"faces\.csv would be written twice; give two names"):
        refuse_same_files([tmp_path / "crops/faces.csv", tmp_path / "link/../crops/faces.csv"])
    with pytest.raises(UsageError, match="written twice"):
        refuse_same_files([tmp_path / "crops/faces.csv", tmp_path / "link/faces.csv"])
