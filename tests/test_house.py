"""What holds of every file, and is easily forgotten in one of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
MOST_LINES = 300


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("folder", ["yolo_fer", "tools", "tests"])
def test_every_file_can_be_read_at_a_sitting(folder: str) -> None:
    files = (ROOT / folder).rglob("*.py")
    assert {str(path): n for path in files if (n := lines_of(path)) > MOST_LINES} == {}


def test_no_test_imports_another() -> None:
    imported = {
        str(path): name
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in names_of(node)
        if name.startswith("tests.") and name.rpartition(".")[2].startswith("test_")
    }
    assert imported == {}


def names_of(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports, as far as it can be told without running it."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module is not None:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
