from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from yolo_fer.errors import UsageError  # noqa: E402
from yolo_fer.train.device import best_precision, pick_device, precision  # noqa: E402


def test_a_word_names_a_device() -> None:
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_a_device_that_is_not_there_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="use `device=cpu`"):
        pick_device("cuda:0")
    with pytest.raises(UsageError, match="`device=tpu9` is none of auto"):
        pick_device("tpu9")


def test_a_graphics_card_beyond_the_last_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert pick_device("cuda:1").index == 1
    with pytest.raises(UsageError, match="`device=cuda:2`: PyTorch finds 2"):
        pick_device("cuda:2")


def test_networks_compute_in_bf16_where_the_cpu_does() -> None:
    with precision(torch.device("cpu")):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    fast = best_precision("cpu") == "bf16"
    assert product.dtype == (torch.bfloat16 if fast else torch.float32)
