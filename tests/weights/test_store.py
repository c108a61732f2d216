from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from yolo_fer.cli import weights as commands
from yolo_fer.errors import MissingExtraError, UsageError, YoloFerError
from yolo_fer.weights import shipped as shipped_weights
from yolo_fer.weights import store as weights
from yolo_fer.weights.entry import Entry, InstalledMember, Release, WheelMember
from yolo_fer.weights.hashes import sha256_of
from yolo_fer.weights.registry import REGISTRY
from yolo_fer.weights.store import State

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "weights"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("YOLO_FER_CACHE", str(folder))
    # whoever runs the tests may have a network; these promise what happens without one
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    return folder


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A folder of shipped weights with a network in both formats and a model card."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    sums = []
    for name in ("tiny.pt", "tiny.onnx", "tiny.md", "tiny-classifier.onnx"):
        data = name.encode() * 100
        (folder / name).write_bytes(data)
        sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(sums))
    for module in (weights, shipped_weights):
        monkeypatch.setattr(module, "shipped_folder", lambda: folder)
    return folder


def test_names_and_files_are_unique():
    for values in ([e.name for e in REGISTRY], [e.file for e in REGISTRY]):
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("entry", REGISTRY, ids=lambda entry: entry.name)
def test_every_entry_says_where_it_comes_from_and_can_be_verified(entry):
    assert entry.licence
    if entry.name != "retinaface-resnet50":  # its hash is published nowhere
        assert len(entry.sha256) == 64
        assert entry.size > 0
    if isinstance(entry.source, WheelMember):
        assert entry.sha256 is not None
        assert len(entry.source.wheel_sha256) == 64


@pytest.mark.parametrize("url", ["http://example.org/a.pt", "ftp://example.org/a.pt", "/a.pt"])
def test_an_address_that_is_not_https_is_refused(url):
    with pytest.raises(ValueError, match="https"):
        Release(url)


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
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


def test_an_existing_file_wins_over_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("yolo11n").write_bytes(b"mine")

    assert weights.resolve("yolo11n") == Path("yolo11n")


def test_a_path_that_does_not_exist_is_named():
    with pytest.raises(YoloFerError, match=r"runs/best\.pt does not exist"):
        weights.resolve("runs/best.pt")


def test_an_unknown_name_is_answered_with_the_known_ones(shipped):
    with pytest.raises(YoloFerError, match=r"tiny\.onnx.*yolo11n"):
        weights.resolve("yolo99")


@pytest.mark.parametrize(
    ("name", "file"),
    [("tiny.pt", "tiny.pt"), ("tiny.onnx", "tiny.onnx"), ("tiny", "tiny.onnx")],
)
def test_shipped_weights_are_found_by_file_name_or_stem(shipped, name, file):
    assert weights.resolve(name) == shipped / file


def test_shipped_weights_are_networks_only(shipped):
    kinds = {entry.name: entry.kind for entry in shipped_weights.shipped_entries()}

    assert kinds == {
        "tiny.pt": "detector",
        "tiny.onnx": "detector",
        "tiny-classifier.onnx": "classifier",
    }


def test_a_changed_shipped_file_is_refused(shipped):
    (shipped / "tiny.onnx").write_bytes(b"changed")

    with pytest.raises(YoloFerError, match=r"tiny\.onnx: wrong hash"):
        weights.resolve("tiny")


def test_a_broken_line_of_the_sums_is_named(shipped):
    (shipped / "more").mkdir()
    (shipped / "more" / "SHA256SUMS").write_text("abc  tiny.onnx\n")

    with pytest.raises(YoloFerError, match="SHA256SUMS line 1"):
        shipped_weights._read_sums(shipped / "more" / "SHA256SUMS")


def test_weights_that_were_not_fetched_are_not_fetched_in_passing(cache):
    with pytest.raises(YoloFerError, match="yolo-fer weights get yolo11n") as raised:
        weights.resolve("yolo11n")

    assert str(cache / "yolo11n.pt") in str(raised.value)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("name", ["yolo11n", "yolo11n-seg"])
def test_without_a_network_the_address_the_place_and_the_hash_are_named(cache, name):
    entry = weights.get_entry(name)

    with pytest.raises(YoloFerError, match="could not be fetched") as raised:
        weights.fetch(name)

    message = str(raised.value)
    assert entry.source.url in message
    assert str(cache / entry.file) in message
    assert entry.sha256 in message
    assert list(cache.iterdir()) == []


@pytest.mark.skipif(not DATA.is_dir(), reason="the real weights are not here")
def test_a_file_put_there_by_hand_is_verified_and_used(cache):
    shutil.copy(DATA / "yolo11n-seg.pt", cache / "yolo11n-seg.pt")

    assert weights.resolve("yolo11n-seg") == cache / "yolo11n-seg.pt"
    assert weights.fetch("yolo11n-seg") == cache / "yolo11n-seg.pt"


@pytest.mark.parametrize(
    ("size", "state"),
    [(100, State.CUT_SHORT), (5_613_764, State.MISMATCH), (6_000_000, State.MISMATCH)],
)
def test_a_wrong_file_put_there_by_hand_is_refused(cache, size, state):
    (cache / "yolo11n.pt").write_bytes(bytes(size))

    assert weights.inspect(weights.get_entry("yolo11n")).state is state
    with pytest.raises(YoloFerError, match=state):
        weights.resolve("yolo11n")


def test_weights_without_a_published_hash_are_recorded_once_and_watched(cache):
    path = cache / "retinaface-resnet50.onnx"
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
def test_a_record_that_holds_no_hash_is_none(cache, content):
    path = cache / "retinaface-resnet50.onnx"
    path.write_bytes(b"network")
    path.with_name(f"{path.name}.sha256").write_bytes(content)
    assert weights.recorded_sha256(path) is None
    with pytest.raises(YoloFerError, match="hash not recorded"):
        weights.resolve("retinaface-resnet50")


@pytest.mark.parametrize("name", [None, ["a.onnx"], b"a.onnx", 3])
def test_what_names_no_weights_is_wrong_usage(name):
    with pytest.raises(UsageError, match="a path or a name, not"):
        weights.resolve(name)


def test_a_name_that_no_file_can_have_is_said():
    with pytest.raises(YoloFerError, match=r"n: File name too long"):
        weights.resolve(300 * "n")


def test_the_bytes_in_an_installed_package_are_read_without_importing_it():
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
    monkeypatch, distribution, member, error
):
    monkeypatch.setattr(weights, "REGISTRY", (installed(distribution, member),))

    with pytest.raises(error, match=f"{distribution}"):
        weights.read_installed("x")


def run(*arguments: str):
    return CliRunner().invoke(commands.app, arguments)


def test_the_list_names_everything_and_where_it_would_lie(cache):
    result = run("list")

    assert result.exit_code == 0
    assert all(entry.name in result.output for entry in REGISTRY)
    assert str(cache) in result.output.replace("\n", "")


def test_verify_is_content_with_whole_files(shipped):
    result = run("verify")

    assert result.exit_code == 0
    assert "tiny.onnx: ok" in result.output


@pytest.mark.parametrize("data", [b"short", bytes(5_613_764)])
def test_verify_exits_with_1_for_a_file_that_is_damaged(cache, data):
    (cache / "yolo11n.pt").write_bytes(data)

    result = run("verify")

    assert result.exit_code == 1
    assert str(cache / "yolo11n.pt") in result.output


def test_verify_exits_with_1_for_a_named_file_that_is_not_here():
    assert run("verify", "yolo11n").exit_code == 1


def test_get_prints_where_the_weights_lie(cache):
    (cache / "retinaface-resnet50.onnx").write_bytes(b"network")

    result = run("get", "retinaface-resnet50")

    assert result.exit_code == 0
    assert result.stdout.strip() == str(cache / "retinaface-resnet50.onnx")
    assert hashlib.sha256(b"network").hexdigest() in result.stderr
