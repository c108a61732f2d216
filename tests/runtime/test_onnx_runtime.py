from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.runtime.onnx_runtime import is_gpu, open_session, providers

onnxruntime = pytest.importorskip("onnxruntime")
HAS_CUDA = "CUDAExecutionProvider" in onnxruntime.get_available_providers()


def test_the_cpu_is_the_cpu() -> None:
    assert providers("cpu") == ["CPUExecutionProvider"]


@pytest.mark.parametrize("device", ["gpu", "mps", "cuda:", "cuda:x", "", "-1"])
def test_an_unknown_device_is_wrong_usage(device: str) -> None:
    with pytest.raises(UsageError, match=r"cpu, cuda, cuda:N and auto"):
        providers(device)


@pytest.mark.skipif(HAS_CUDA, reason="this ONNX Runtime has CUDA")
@pytest.mark.parametrize("device", ["cuda", "cuda:1", "0", " CUDA "])
def test_cuda_without_a_cuda_runtime_says_what_to_install(device: str) -> None:
    with pytest.raises(YoloFerError, match="pip uninstall onnxruntime && pip install"):
        providers(device)


@pytest.mark.skipif(HAS_CUDA, reason="this ONNX Runtime has CUDA")
def test_auto_is_the_cpu_without_a_cuda_runtime() -> None:
    assert providers("auto") == ["CPUExecutionProvider"]


@pytest.mark.skipif(not HAS_CUDA, reason="this ONNX Runtime has no CUDA")
def test_a_cuda_device_is_chosen_by_its_number() -> None:
    assert providers("cuda:1")[0] == ("CUDAExecutionProvider", {"device_id": 1})
    assert providers("1") == providers("cuda:1")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.onnx"
    path.write_bytes(b"\x08\x07not a network")

    with pytest.raises(YoloFerError, match=r"cut\.onnx"):
        open_session(path)


def test_no_threads_at_all_are_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        open_session(tmp_path / "any.onnx", threads=0)


def test_onnx_runtime_reports_to_nobody(tmp_path: Path) -> None:
    # What reports leaves a session file and a cache behind as soon as the runtime is imported.
    code = "from yolo_fer.runtime.onnx_runtime import providers; providers('cpu')"
    home = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "ORT_DISABLE_TELEMETRY")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment | home, timeout=60)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="needs two cores, and a system on which a process can be kept to one",
)
def test_a_process_that_may_use_one_core_has_one_thread() -> None:
    code = (
        "import os\n"
        "os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})\n"
        "from yolo_fer.runtime.onnx_runtime import open_session\n"
        "from yolo_fer.weights.store import resolve\n"
        "session = open_session(resolve('yolo-fer-n.onnx'))\n"
        "print(session.get_session_options().intra_op_num_threads)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize("device", ["cuda", " CUDA ", "cuda:1", "0", "1"])
def test_every_spelling_of_a_gpu_is_one(device: str) -> None:
    assert is_gpu(device)


@pytest.mark.parametrize("here", [["CPUExecutionProvider"], ["CUDAExecutionProvider"]])
def test_auto_is_a_gpu_where_there_is_one(here: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: here)
    assert is_gpu("Auto") == (here == ["CUDAExecutionProvider"])
    assert not is_gpu(" CPU ")
