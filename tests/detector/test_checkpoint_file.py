"""A checkpoint is read without running anything in it, and gives what Ultralytics reads."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from yolo_fer import Detector
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.weights.store import resolve

pytest.importorskip("ultralytics")
torch = pytest.importorskip("torch")

import_ultralytics("testing")
from torch import nn  # noqa: E402

from yolo_fer.detector.checkpoint_file import read_checkpoint  # noqa: E402
from yolo_fer.detector.torch_network import load_checkpoint  # noqa: E402


class Call:
    """Pickles as the call of a function or class."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.reduced = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.reduced


def named(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(__import__(module, fromlist=["_"]), attribute)


def write(path: Path, content: Any) -> Path:
    torch.save({"model": content}, path)
    return path


@pytest.fixture(autouse=True)
def nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection, no process and no file that is written, while a test runs."""
    import socket
    import subprocess

    def stop(*_: Any, **__: Any) -> None:
        raise AssertionError("it connected or started something")

    for owner, name in ((socket, "getaddrinfo"), (socket.socket, "connect"), (subprocess, "Popen")):
        monkeypatch.setattr(owner, name, stop)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("ultralytics.nn.distill_model.DistillationModel", ("http://127.0.0.1:9/x.pt", "y.pt")),
        ("ultralytics.nn.modules.block.TorchVision", ("resnet18",)),
        ("torchvision.models.resnet.resnet18", ()),
        ("torchvision.models.detection.faster_rcnn.fasterrcnn_resnet50_fpn", ()),
        ("torch.nn.modules.linear.Linear", (60_000, 40_000)),
        ("torch.nn.modules.conv.Conv2d", (60_000, 40_000, 1)),
        ("torch.nn.modules.sparse.Embedding", (60_000, 40_000)),
        ("ultralytics.nn.modules.conv.Conv", (60_000, 40_000)),
        ("ultralytics.nn.tasks.DetectionModel", ("yolo11x.yaml",)),
        ("ultralytics.nn.tasks.torch_safe_load", ("yolo11n.pt",)),
        ("ultralytics.utils.loss.v8DetectionLoss", (None,)),
        ("torch.Tensor", (60_000, 40_000)),
        ("torch.zeros", (60_000, 40_000)),
        ("torch.hub.load", ("a/b", "c")),
        ("torch.load", ("x.pt",)),
        ("builtins.bytearray", (10**10,)),
        ("builtins.eval", ("1",)),
        ("builtins.getattr", (nn, "Module")),
        ("collections.Counter", ()),
        ("io.open", ("x", "w")),
        ("numpy.fromfile", ("x",)),
        ("os.system", ("true",)),
    ],
)
def test_nothing_is_called(tmp_path: Path, function: str, arguments: tuple[Any, ...]) -> None:
    try:
        target = named(function)
    except (ImportError, AttributeError):
        pytest.skip(f"there is no {function} here")
    if nn in arguments:  # a module cannot be pickled
        arguments = (nn.Identity(), "__class__")
    path = write(tmp_path / "evil.pt", Call(target, *arguments))
    with pytest.raises(YoloFerError) as error:
        Detector(path)
    assert "evil.pt" in str(error.value)
    assert "trust_weights" in str(error.value)
    assert [file.name for file in tmp_path.iterdir()] == ["evil.pt"]


def test_a_class_is_not_made_with_arguments(tmp_path: Path) -> None:
    pickled = b"\x80\x02}X\x05\x00\x00\x00modelctorch.nn.modules.linear\nLinear\nK\x01\x85\x81s."
    with zipfile.ZipFile(tmp_path / "x.pt", "w") as archive:
        archive.writestr("x/data.pkl", pickled)
    with pytest.raises(YoloFerError, match=r"it calls torch\.nn\.modules\.linear\.Linear"):
        load_checkpoint(tmp_path / "x.pt")


def test_a_file_cannot_change_what_the_next_one_meets(tmp_path: Path) -> None:
    """BUILD with a second state sets attributes, also of a function."""
    pickled = (
        b"\x80\x02}X\x05\x00\x00\x00model"
        b"ctorch.nn.modules.linear\nIdentity\nN}X\x04\x00\x00\x00realK\x01s\x86b"
        b"ctorch._utils\n_rebuild_parameter\nN}X\x04\x00\x00\x00evilK\x01s\x86b"
        b"0s."
    )
    with zipfile.ZipFile(tmp_path / "x.pt", "w") as archive:
        archive.writestr("x/data.pkl", pickled)
    read_checkpoint(tmp_path / "x.pt")
    path = write(tmp_path / "y.pt", nn.Identity())
    assert type(read_checkpoint(path)["model"]) is nn.Identity
    assert not hasattr(torch._utils._rebuild_parameter, "evil")
    assert not hasattr(nn.Identity, "real")


def rewrite(source: Path, target: Path, change: Any, compression: int = 0) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", compression) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


def test_a_compressed_archive_is_no_checkpoint(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain.pt", {"zeros": torch.zeros(1_000_000)})
    bomb = rewrite(plain, tmp_path / "bomb.pt", lambda _, data: data, zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 100_000
    with pytest.raises(YoloFerError, match="compressed"):
        load_checkpoint(bomb)


def test_a_tensor_is_never_larger_than_its_part_of_the_file(tmp_path: Path) -> None:
    wide = write(tmp_path / "wide.pt", torch.zeros(1, dtype=torch.float16).expand(10**6, 10**6))
    with pytest.raises(YoloFerError, match=r"wide\.pt"):
        load_checkpoint(wide)

    def cut(name: str, data: bytes) -> bytes:
        return data[:-4] if "/data/" in name else data

    short = rewrite(write(tmp_path / "whole.pt", torch.zeros(64)), tmp_path / "short.pt", cut)
    with pytest.raises(YoloFerError, match="another size"):
        load_checkpoint(short)


@pytest.mark.parametrize("put", [b"r\x00\x00\x00\x0c", b"p200000000\n"])
def test_a_place_far_away_takes_no_memory(tmp_path: Path, put: bytes) -> None:
    path = tmp_path / "x.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data.pkl", b"\x80\x02}" + put + b".")
    with pytest.raises(YoloFerError, match="writes to place 20"):
        load_checkpoint(path)


def test_many_tensors_of_one_part_do_not_fill_the_memory(tmp_path: Path) -> None:
    numbers = torch.zeros(1000)
    path = write(tmp_path / "many.pt", [numbers[:] for _ in range(100)])
    with pytest.raises(YoloFerError, match="many times the memory"):
        load_checkpoint(path)


def test_a_layer_that_says_it_is_larger_than_it_is(yolo11: Path, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(yolo11)
    layer = next(m for m in checkpoint["model"].modules() if isinstance(m, nn.Conv2d))
    layer.in_channels = layer.out_channels = 60_000
    torch.save(checkpoint, tmp_path / "large.pt")
    with pytest.raises(YoloFerError, match="a layer of"):
        Detector(tmp_path / "large.pt")


@pytest.mark.parametrize(
    "content",
    [
        nn.Sequential(nn.Linear(2, 2)),
        nn.ModuleList(),
        nn.Identity(),
        torch.zeros(3),
        None,
        7,
        [],
        OrderedDict(a=1),
    ],
)
def test_what_is_no_network_of_ultralytics(tmp_path: Path, content: Any) -> None:
    with pytest.raises(YoloFerError, match=r"odd\.pt"):
        Detector(write(tmp_path / "odd.pt", content))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("names", None),
        ("names", {0: "anger", 1: []}),
        ("names", {}),
        ("names", {0: "car"}),
        ("stride", torch.tensor([])),
        ("stride", torch.tensor([1e9])),
        ("args", {"imgsz": 10**12}),
        ("args", {"imgsz": "large"}),
        ("args", 3),
        ("task", 5),
        ("model", nn.Sequential()),
        ("model", None),
        ("_modules", {"model": 3}),
        ("training", "yes"),
    ],
)
def test_a_network_with_odd_attributes(
    yolo11: Path, tmp_path: Path, attribute: str, value: Any
) -> None:
    checkpoint = load_checkpoint(yolo11)
    checkpoint["model"].__dict__[attribute] = value
    torch.save(checkpoint, tmp_path / "odd.pt")
    if attribute == "training":
        Detector(tmp_path / "odd.pt")  # of no importance
        return
    with pytest.raises(YoloFerError, match=r"odd\.pt"):
        Detector(tmp_path / "odd.pt")


def assert_same(first: Any, second: Any) -> None:
    if isinstance(first, nn.Module):
        assert type(first) is type(second)
        assert_same(dict(first.state_dict()), dict(second.state_dict()))
        assert [*map(type, first.modules())] == [*map(type, second.modules())]
    elif isinstance(first, torch.Tensor):
        assert first.dtype == second.dtype
        assert torch.equal(first, second)
        assert first.stride() == second.stride()
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_same(first[key], second[key])
    elif isinstance(first, list):
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    else:
        assert first == second or first is second


def test_it_gives_what_ultralytics_reads(yolo11: Path) -> None:
    for path in (yolo11, resolve("yolo-fer-n.pt")):
        assert_same(load_checkpoint(path, trust=True), load_checkpoint(path))


def test_values_of_a_training_are_read(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    from ultralytics.utils import IterableSimpleNamespace

    content = {
        "metrics": {"fitness": numpy.float64(0.25), "count": numpy.int64(7)},
        "args": IterableSimpleNamespace(imgsz=320, data=tmp_path),
        "optimizer": {"state": {0: {"step": torch.tensor(3.0), "momentum": torch.ones(2).half()}}},
        "size": torch.Size([1, 2]),
        "dtype": torch.float16,
        "empty": torch.zeros(0, 3),
        "turned": torch.arange(6.0).reshape(2, 3).T,
        "flags": torch.tensor([True, False]),
        "brain": torch.ones(2, dtype=torch.bfloat16),
    }
    read = read_checkpoint(write(tmp_path / "x.pt", content))["model"]
    assert read["metrics"] == {"fitness": 0.25, "count": 7}
    assert read["args"].imgsz == 320
    assert read["args"].data == tmp_path
    for key in ("optimizer", "size", "dtype", "empty", "turned", "flags", "brain"):
        assert_same(content[key], read[key])


def test_a_head_that_holds_the_method_of_its_base(tmp_path: Path) -> None:
    from ultralytics.nn.modules.head import Detect

    layer = nn.Identity()
    layer.of_a_class, layer.of_a_layer = Detect.forward, nn.SiLU().forward
    read = read_checkpoint(write(tmp_path / "x.pt", layer))["model"]
    assert read.of_a_layer(torch.ones(1)) == nn.functional.silu(torch.ones(1))
    with pytest.raises(TypeError):
        read.of_a_class()  # it is called, and wants what Detect's wants


def test_an_old_pickle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.pt"
    torch.save({"model": nn.Identity()}, path, _use_new_zipfile_serialization=False)
    with pytest.raises(YoloFerError, match=r"old\.pt"):
        load_checkpoint(path)
    buffer = io.BytesIO()
    pickle.dump({"model": None}, buffer)
    path.write_bytes(buffer.getvalue())
    with pytest.raises(YoloFerError, match="`trust_weights`"):
        load_checkpoint(path)
