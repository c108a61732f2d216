"""Errors survive the way out of a worker process, and say what to do."""

from __future__ import annotations

import pickle
import sys

import pytest

from yolo_fer.errors import (
    FileFault,
    ImageError,
    MissingExtraError,
    MissingWeightsError,
    UsageError,
    YoloFerError,
    needs_extra,
)

ALL = [
    YoloFerError("the folder is full"),
    UsageError("`stride` must be at least 1"),
    ImageError(FileFault.EMPTY_IMAGE, "a.jpg is empty"),
    MissingWeightsError("run `yolo-fer weights get yunet`", ("yunet",)),
    MissingExtraError("av", "stream", "reading videos"),
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_it_comes_out_of_another_process_as_it_was(error: YoloFerError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_a_package_that_is_not_installed_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError) as caught, needs_extra("train", "writing a classifier"):
        import onnx.helper  # noqa: F401
    assert str(caught.value) == (
        "writing a classifier needs the package 'onnx', which is not installed. "
        "Install it with: pip install 'yolo-fer[train]'"
    )


def test_missing_weights_are_told_in_one_sentence_and_listed_for_programs() -> None:
    error = MissingWeightsError("run `yolo-fer weights get yunet`", ("yunet",))
    assert str(error) == "run `yolo-fer weights get yunet`"
    assert error.names == ("yunet",)
