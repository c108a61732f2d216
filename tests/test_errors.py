"""Errors survive the way out of a worker process, and say what to do."""

from __future__ import annotations

import pickle

import pytest

from yolo_fer.errors import (
    FileFault,
    ImageError,
    MissingExtraError,
    MissingWeightsError,
    UsageError,
    YoloFerError,
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


def test_a_missing_package_is_named_with_the_command_that_installs_it() -> None:
    assert str(MissingExtraError("av", "stream", "reading videos")) == (
        "reading videos needs the package 'av', which is not installed. "
        "Install it with: pip install 'yolo-fer[stream]'"
    )


def test_missing_weights_are_told_in_one_sentence_and_listed_for_programs() -> None:
    error = MissingWeightsError("run `yolo-fer weights get yunet`", ("yunet",))
    assert str(error) == "run `yolo-fer weights get yunet`"
    assert error.names == ("yunet",)
