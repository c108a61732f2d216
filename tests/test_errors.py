"""Errors that say what to do."""

from __future__ import annotations

import sys

import pytest

from yolo_fer.errors import MissingExtraError, needs_extra


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
