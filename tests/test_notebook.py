"""Somebody who runs the notebook sees what it says that they see."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.helpers.pages import ROOT

NOTEBOOK = ROOT / "docs" / "quickstart.ipynb"


@pytest.fixture
def written() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def test_nothing_is_stored_that_a_run_would_say_otherwise(written: nbformat.NotebookNode) -> None:
    code = [cell for cell in written.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_links_lead_somewhere(written: nbformat.NotebookNode) -> None:
    text = "".join(cell.source for cell in written.cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert links
    assert [link for link in links if not (NOTEBOOK.parent / link).exists()] == []


@pytest.mark.slow
def test_the_notebook_runs_without_a_network(
    written: nbformat.NotebookNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    for proxy in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    client = NotebookClient(written, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=dict(os.environ))
    outputs = [out for cell in written.cells if cell.cell_type == "code" for out in cell.outputs]
    text = "".join(out.text for out in outputs if out.output_type == "stream")
    pictures = [out for out in outputs if "image/png" in out.get("data", {})]
    assert len(pictures) == 2
    assert "happiness" in text
    assert "True {'decode'" in text, "a file gives the faces of its pixels"
