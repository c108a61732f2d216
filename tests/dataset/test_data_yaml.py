"""Which images a data.yaml means, written by yolo-fer or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yolo_fer.dataset.data_yaml import read_data_yaml
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images import encode_jpeg

NAMES = "names: [anger, happiness]\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a/1.jpg", "a/deeper/2.PNG", "a/notes.md", "b/3.jpg"):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path / "set"


def names_of(root: Path, text: str, split: str = "val") -> list[str]:
    (root / "data.yaml").write_text(NAMES + text)
    return [file.name for file in read_data_yaml(root / "data.yaml").image_files(split)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("val: a\n", ["1.jpg", "2.PNG"]),  # with sub-folders, without other files
        ("val: [a, b]\n", ["1.jpg", "2.PNG", "3.jpg"]),
        ("validation: b\n", ["3.jpg"]),
        ("val: ../b\n", ["3.jpg"]),  # as Roboflow writes it
        ("val: b/3.jpg\n", ["3.jpg"]),
        ("val: [a, a/1.jpg]\n", ["1.jpg", "2.PNG"]),  # no image twice
    ],
)
def test_folders_lists_and_images_count_from_the_yaml(
    root: Path, text: str, expected: list[str]
) -> None:
    assert names_of(root, text) == expected


def test_a_linked_folder_belongs_to_its_split_as_ultralytics_sees_it(root: Path) -> None:
    (root / "a" / "more").symlink_to(root / "b")
    (root / "a" / "loop").symlink_to(root / "a")
    assert names_of(root, "val: a\n") == ["1.jpg", "2.PNG", "3.jpg"]


def test_images_with_another_ending_are_images(root: Path) -> None:
    for name in ("4.heic", "5.avif", "6.jp2"):
        (root / "b" / name).touch()
    (root / "b" / "7.image").write_bytes(encode_jpeg(np.full((8, 8, 3), 90, np.uint8)))
    assert names_of(root, "val: b\n") == ["3.jpg", "4.heic", "5.avif", "6.jp2", "7.image"]


def test_a_text_list_counts_from_its_own_folder(root: Path) -> None:
    (root / "b" / "list.txt").write_text(f"./3.jpg\n\n{root / 'a' / '1.jpg'}\n", "utf-8-sig")
    assert names_of(root, "val: b/list.txt\n") == ["1.jpg", "3.jpg"]


def test_path_counts_from_the_current_directory_first(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "a").mkdir(parents=True)
    (elsewhere / "a" / "other.jpg").write_bytes(b"")
    monkeypatch.chdir(elsewhere)
    assert names_of(root, "path: .\nval: a\n") == ["other.jpg"]
    assert names_of(root, "path: .\nval: b\n") == ["3.jpg"]  # only next to the YAML file
    assert names_of(root, f"path: {root}\nval: a\n") == ["1.jpg", "2.PNG"]


def test_foreign_names_are_mapped_by_meaning(root: Path) -> None:
    (root / "data.yaml").write_text("names: {0: Happy, 1: Contempt, 5: angry}\nval: a\n")
    data = read_data_yaml(root / "data.yaml")
    assert data.emotions == {0: Emotion.HAPPINESS, 5: Emotion.ANGER}
    assert data.foreign == {1: "Contempt"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("names: [cat, dog]\nval: a\n", "names an emotion"),
        ("names: [happy, joy]\nval: a\n", "both mean happiness"),
        ("val: a\n", "no `names`"),
        ("names: 3\nval: a\n", "must map class ids"),
        ("names: [anger\n", "not a YAML file"),
        ("- a\n", "no `names`"),
        (NAMES + "val: 7\n", "'val' must be a path"),
        (NAMES + "path: /no/such/place\nval: a\n", "/no/such/place"),
        (NAMES + "val: missing\n", "missing does not exist"),
        (NAMES + "val: 2024-13-45\n", "2024-13-45 does not exist"),
        (NAMES + "val: !!timestamp 2024-13-45\n", "not a YAML file"),
        (NAMES + "val: !!bool perhaps\n", "not a YAML file"),
        (NAMES + "val: " + 5000 * "9" + "\n", "not a YAML file"),
        (NAMES + "val: " + 5000 * "[" + "\n", "not a YAML file"),
        (NAMES + "val: a\nval: b\n", "'val' is there twice"),
        (NAMES + "val: &v [a]\ntest: *v\n", "write it out"),
        (NAMES + f"val: {300 * 'n'}\n", "does not exist"),
        (NAMES + "val: 'images\\val'\n", "backslashes"),
        (NAMES + "val: D:/data/images\n", "does not exist"),
        (NAMES + "val: /home/somebody/images\n", "path of another machine"),
        ("names: {.inf: anger}\nval: a\n", "must map class ids"),
        ("names: {0.5: anger}\nval: a\n", "must map class ids"),
        ("names: {0: anger, 0: fear}\nval: a\n", "0 is there twice"),
        (NAMES + "val: a/notes.md\n", "no image in a/notes.md"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(root: Path, text: str, message: str) -> None:
    (root / "data.yaml").write_text(text)
    with pytest.raises(YoloFerError, match=r"data\.yaml") as caught:
        read_data_yaml(root / "data.yaml").image_files("val")
    assert message in str(caught.value)


def test_a_split_that_is_not_there_is_wrong_usage(root: Path) -> None:
    (root / "data.yaml").write_text(NAMES + "val: a\n")
    with pytest.raises(UsageError, match="no split 'test'; it has val"):
        read_data_yaml(root / "data.yaml").image_files("test")


def test_a_missing_file_is_said() -> None:
    with pytest.raises(YoloFerError, match="cannot be read"):
        read_data_yaml(Path("no_such.yaml"))
