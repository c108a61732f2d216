"""Networks in ONNX files that are damaged or of another kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.refused import RAW, assert_refused, refused


def test_an_onnx_file_that_is_cut_short(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "short.onnx", RAW)
    path.write_bytes(path.read_bytes()[:-200])
    assert_refused(path)


@pytest.mark.parametrize("domain", ["com.example.custom", "ai.onnx.contrib"])
def test_an_onnx_file_with_operators_of_somebody_else(tmp_path: Path, domain: str) -> None:
    path = write_constant(tmp_path / "custom.onnx", RAW)
    model = onnx.load(path)
    model.graph.node[0].domain = domain
    model.opset_import.append(onnx.helper.make_opsetid(domain, 1))
    onnx.save(model, path)
    assert_refused(path, domain, trust=True)


def test_an_onnx_file_with_an_unknown_output(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "odd.onnx", np.zeros((1, 5, 13)))
    assert_refused(path, "(1, 5, 13)")


def test_an_input_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "x.onnx", raw_output(), size=("heigXt", "width"))
    path.write_bytes(path.read_bytes().replace(b"heigXt", b"heig\xe8t"))
    assert_refused(path, "cannot be opened")


@pytest.mark.parametrize("size", [(0, 320), (320, 100_000)])
def test_an_input_of_a_size_that_no_image_has(tmp_path: Path, size: tuple[int, int]) -> None:
    refused(write_constant(tmp_path / "x.onnx", RAW, size=size))
