from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from yolo_fer.errors import MissingExtraError, YoloFerError
from yolo_fer.weights import store as weights
from yolo_fer.weights.entry import Entry, InstalledMember
from yolo_fer.weights.installed import read_only_assignment

pytestmark = pytest.mark.usefixtures("weights_cache")


def test_the_bytes_in_an_installed_package_are_read_without_importing_it() -> None:
    pytest.importorskip("onnxruntime")
    before = {name for name in sys.modules if name.startswith("retinaface")}

    data = weights.read_installed("retinaface-mobilenet0.25")

    assert hashlib.sha256(data).hexdigest() == weights.get_entry("retinaface-mobilenet0.25").sha256
    assert {name for name in sys.modules if name.startswith("retinaface")} == before


def installed(distribution: str, member: str) -> Entry:
    source = InstalledMember(distribution, "1.0", member, "autobox")
    return Entry("x", "face finder", source, "x.onnx", 3, "0" * 64, "MIT")


@pytest.mark.parametrize(
    ("distribution", "member", "error"),
    [
        ("no-such-package", "weights.py", MissingExtraError),
        ("numpy", "numpy/version.py", YoloFerError),  # holds other things than bytes
    ],
)
def test_an_installed_package_that_lacks_its_weights_is_named(
    monkeypatch: pytest.MonkeyPatch, distribution: str, member: str, error: type[Exception]
) -> None:
    monkeypatch.setattr(weights, "REGISTRY", (installed(distribution, member),))

    with pytest.raises(error, match=f"{distribution}"):
        weights.read_installed("x")


def test_one_assignment_of_bytes_is_read(tmp_path: Path) -> None:
    (tmp_path / "weights.py").write_text("WEIGHTS = b'\\x00\\xff'\n")
    assert read_only_assignment(tmp_path / "weights.py") == b"\x00\xff"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a = 'text'",
        "a = b'1'\nb = b'2'",
        "a = open('secret').read()",
        "a = b'ä'",
        "a = " + "[" * 9000,
    ],
)
def test_a_module_that_holds_anything_else_is_not_run(tmp_path: Path, text: str) -> None:
    (tmp_path / "weights.py").write_text(text)
    assert read_only_assignment(tmp_path / "weights.py") is None
    assert read_only_assignment(tmp_path / "none.py") is None
