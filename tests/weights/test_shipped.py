from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.weights import shipped as shipped_weights
from yolo_fer.weights.entry import Kind


def test_shipped_weights_are_networks_only(shipped_tiny: Path) -> None:
    kinds = {entry.name: entry.kind for entry in shipped_weights.shipped_entries()}

    assert kinds == {
        "tiny.pt": "detector",
        "tiny.onnx": "detector",
        "tiny-classifier.onnx": "classifier",
    }


def test_a_broken_line_of_the_sums_is_named(shipped_tiny: Path) -> None:
    (shipped_tiny / "more").mkdir()
    (shipped_tiny / "more" / "SHA256SUMS").write_text("abc  tiny.onnx\n")

    with pytest.raises(YoloFerError, match="SHA256SUMS line 1"):
        shipped_weights._read_sums(shipped_tiny / "more" / "SHA256SUMS")


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("yolo-fer-n.onnx", Kind.DETECTOR),
        ("resnet18.onnx", Kind.CLASSIFIER),
        ("fer-cnn.pt", Kind.CLASSIFIER),
        ("my-classifier.onnx", Kind.CLASSIFIER),
        ("mtcnn.onnx", Kind.FACE_FINDER),
    ],
)
def test_its_name_tells_what_a_network_is_for(shipped_tiny: Path, file: str, kind: Kind) -> None:
    (shipped_tiny / "SHA256SUMS").write_text(f"{'0' * 64}  {file}\n")
    (entry,) = shipped_weights.shipped_entries()
    assert (entry.name, entry.kind) == (file, kind)


def test_every_network_that_comes_with_the_package_is_there() -> None:
    folder = shipped_weights.shipped_folder()
    files = [entry.file for entry in shipped_weights.shipped_entries()]
    assert files
    assert [file for file in files if not (folder / file).is_file()] == []
