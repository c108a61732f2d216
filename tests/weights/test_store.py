from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.helpers.research_data import research_data
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.weights import store as weights
from yolo_fer.weights.hashes import sha256_of
from yolo_fer.weights.store import State

pytestmark = pytest.mark.usefixtures("weights_cache")


def test_the_cache_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path / "own"))
    assert weights.cache_folder() == tmp_path / "own"

    monkeypatch.delenv("YOLO_FER_CACHE")
    assert weights.cache_folder() == tmp_path / "xdg" / "yolo-fer"

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    if sys.platform == "linux":
        assert weights.cache_folder() == tmp_path / ".cache" / "yolo-fer"
    assert weights.cache_folder().is_relative_to(Path.home())


def test_an_existing_file_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("yolo11n").write_bytes(b"mine")

    assert weights.resolve("yolo11n") == Path("yolo11n")


def test_a_path_that_does_not_exist_is_named() -> None:
    with pytest.raises(YoloFerError, match=r"runs/best\.pt does not exist"):
        weights.resolve("runs/best.pt")


def test_an_unknown_name_is_answered_with_the_known_ones(shipped_tiny: Path) -> None:
    with pytest.raises(YoloFerError, match=r"tiny\.onnx.*yolo11n"):
        weights.resolve("yolo99")


@pytest.mark.parametrize(
    ("name", "file"),
    [("tiny.pt", "tiny.pt"), ("tiny.onnx", "tiny.onnx"), ("tiny", "tiny.onnx")],
)
def test_shipped_weights_are_found_by_file_name_or_stem(
    shipped_tiny: Path, name: str, file: str
) -> None:
    assert weights.resolve(name) == shipped_tiny / file


def test_a_changed_shipped_file_is_refused(shipped_tiny: Path) -> None:
    (shipped_tiny / "tiny.onnx").write_bytes(b"changed")

    with pytest.raises(YoloFerError, match=r"tiny\.onnx: wrong hash"):
        weights.resolve("tiny")


def test_weights_that_were_not_fetched_are_not_fetched_in_passing(weights_cache: Path) -> None:
    with pytest.raises(YoloFerError, match="yolo-fer weights get yolo11n") as raised:
        weights.resolve("yolo11n")

    assert str(weights_cache / "yolo11n.pt") in str(raised.value)
    assert list(weights_cache.iterdir()) == []


@pytest.mark.parametrize("name", ["yolo11n", "yolo11n-seg"])
def test_without_a_network_the_address_the_place_and_the_hash_are_named(
    weights_cache: Path, name: str
) -> None:
    entry = weights.get_entry(name)

    with pytest.raises(YoloFerError, match="could not be fetched") as raised:
        weights.fetch(name)

    message = str(raised.value)
    assert entry.source.url in message
    assert str(weights_cache / entry.file) in message
    assert entry.sha256 in message
    assert list(weights_cache.iterdir()) == []


def test_a_file_put_there_by_hand_is_verified_and_used(weights_cache: Path) -> None:
    shutil.copy(research_data("weights/yolo11n-seg.pt"), weights_cache)

    assert weights.resolve("yolo11n-seg") == weights_cache / "yolo11n-seg.pt"
    assert weights.fetch("yolo11n-seg") == weights_cache / "yolo11n-seg.pt"


@pytest.mark.parametrize(
    ("size", "state"),
    [(100, State.CUT_SHORT), (5_613_764, State.MISMATCH), (6_000_000, State.MISMATCH)],
)
def test_a_wrong_file_put_there_by_hand_is_refused(
    weights_cache: Path, size: int, state: State
) -> None:
    (weights_cache / "yolo11n.pt").write_bytes(bytes(size))

    assert weights.inspect(weights.get_entry("yolo11n")).state is state
    with pytest.raises(YoloFerError, match=state):
        weights.resolve("yolo11n")


def test_weights_without_a_published_hash_are_recorded_once_and_watched(
    weights_cache: Path,
) -> None:
    path = weights_cache / "retinaface-resnet50.onnx"
    path.write_bytes(b"first")
    with pytest.raises(YoloFerError, match="hash not recorded"):
        weights.resolve("retinaface-resnet50")

    weights.fetch("retinaface-resnet50")

    assert weights.resolve("retinaface-resnet50") == path
    assert weights.recorded_sha256(path) == sha256_of(path)
    path.write_bytes(b"other")
    with pytest.raises(YoloFerError, match="wrong hash"):
        weights.resolve("retinaface-resnet50")


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\x00", b"abc  file"])
def test_a_record_that_holds_no_hash_is_none(weights_cache: Path, content: str) -> None:
    path = weights_cache / "retinaface-resnet50.onnx"
    path.write_bytes(b"network")
    path.with_name(f"{path.name}.sha256").write_bytes(content)
    assert weights.recorded_sha256(path) is None
    with pytest.raises(YoloFerError, match="hash not recorded"):
        weights.resolve("retinaface-resnet50")


@pytest.mark.parametrize("name", [None, ["a.onnx"], b"a.onnx", 3])
def test_what_names_no_weights_is_wrong_usage(name: str) -> None:
    with pytest.raises(UsageError, match="a path or a name, not"):
        weights.resolve(name)


def test_a_name_that_no_file_can_have_is_said() -> None:
    with pytest.raises(YoloFerError, match=r"n: File name too long"):
        weights.resolve(300 * "n")


def test_a_cache_in_the_home_of_nobody_is_an_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("YOLO_FER_CACHE", "~no-such-user/x")
    with pytest.raises(UsageError, match="variable YOLO_FER_CACHE is ~no-such-user/x"):
        weights.cache_folder()
