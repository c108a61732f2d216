"""A folder per emotion: what the path of an image says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.saved_images import saved
from yolo_fer.convert.folders_source import FolderImage, compile_group_by, find_images
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerError


def found(root: Path, *files: str, group_by: str | None = None) -> dict[str, FolderImage]:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(saved("PNG"))
    pattern = None if group_by is None else compile_group_by(group_by)
    return {image.file: image for image in find_images(root, pattern, root / "out")}


@pytest.mark.parametrize(
    ("file", "emotion", "split"),
    [
        ("happy/a.png", Emotion.HAPPINESS, None),
        ("train/Angry/a.png", Emotion.ANGER, "train"),
        ("fear/validation/a.png", Emotion.FEAR, "val"),
        ("CK+48/PrivateTest/sadness/S1/a.png", Emotion.SADNESS, "test"),
        ("happy/sad/a.png", Emotion.SADNESS, None),  # the deepest folder counts
        ("3/a.png", None, None),  # a number means another emotion in each dataset
    ],
)
def test_folders_name_the_emotion_and_the_split_at_any_depth(
    tmp_path: Path, file: str, emotion: Emotion | None, split: str | None
) -> None:
    image = found(tmp_path, file, "happy/other.png")[file]
    assert (image.emotion, image.split) == (emotion, split)


def test_images_are_numbered_in_alphabetical_order_and_what_was_written_is_left_out(
    tmp_path: Path,
) -> None:
    images = found(tmp_path, "sad/b.png", "happy/c.png", "happy/a.png", "out/happy/d.png")
    assert [(image.number, file) for file, image in images.items()] == [
        (1, "happy/a.png"),
        (2, "happy/c.png"),
        (3, "sad/b.png"),
    ]


def test_the_path_names_the_person_by_the_first_bracket_or_as_a_whole(tmp_path: Path) -> None:
    files = ("happy/S010_004.png", "happy/none.png")
    images = found(tmp_path, *files, group_by=r"S(\d+)_")
    persons = {file: image.person for file, image in images.items()}
    assert persons == {"happy/S010_004.png": "010", "happy/none.png": None}
    assert found(tmp_path, group_by=r"S\d+")["happy/S010_004.png"].person == "S010"
    with pytest.raises(UsageError, match="no regular expression"):
        compile_group_by("S(")


def test_a_root_without_images_or_emotions_says_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match="is not a folder"):
        found(tmp_path / "nowhere")
    with pytest.raises(YoloFerError, match="holds no image file"):
        found(tmp_path)
    with pytest.raises(YoloFerError, match=r"names an emotion; there are 1, 2\."):
        found(tmp_path, "1/a.png", "2/a.png")
