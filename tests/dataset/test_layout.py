from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.dataset.layout import label_path, name_in


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("/images/set/images/val/images.jpg", "/images/set/labels/val/images.txt"),
        ("set/images", "set/images.txt"),
        ("set/a.b.png", "set/a.b.txt"),
    ],
)
def test_the_last_images_folder_becomes_labels(image: str, label: str) -> None:
    assert label_path(Path(image)) == Path(label)


def test_a_file_is_named_from_the_sets_folder_wherever_it_can_be() -> None:
    assert name_in(Path("set"), Path("set/images/a.jpg")) == "images/a.jpg"
    assert name_in(Path("set"), Path("other/a.jpg")) == "other/a.jpg"
