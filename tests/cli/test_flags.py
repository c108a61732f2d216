"""The library names its arguments, and only the command line knows how they are spelled there."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import yolo_fer
from yolo_fer.cli.flags import _OTHER_NAMES, _options, as_typed, flags, in_flags
from yolo_fer.cli.main import app
from yolo_fer.cli.system_options import SystemFlags
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.errors import UsageError

PACKAGE = Path(yolo_fer.__file__).parent


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("x exists; add `overwrite`", "x exists; add --overwrite"),
        ("`max_per_video` is 0", "--max-per-video is 0"),
        ("use `device=cpu`", "use --device cpu"),
        ("`out=/a b/c` is a file", "--out /a b/c is a file"),
        ("`json_file`", "--json"),  # an option need not be called as its parameter is
        ("`upload_mb` must be at least 1", "--max-upload must be at least 1"),
        ("see `yolo-fer check set`", "see `yolo-fer check set`"),
        ("it has no `names`", "it has no `names`"),  # a key of a file, no option
    ],
)
def test_an_argument_is_shown_as_the_option_that_sets_it(message: str, shown: str) -> None:
    assert in_flags(message) == shown


def test_a_command_prints_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    from yolo_fer.cli.console import errors_as_status

    with pytest.raises(UsageError, match="`val` is 2"):
        SplitShares(val=2)
    with pytest.raises(SystemExit), errors_as_status():
        SplitShares(val=2)
    assert "error: --val is 2; give a share" in capsys.readouterr().err


def test_options_are_typed_as_they_were_but_for_those_that_nobody_gave() -> None:
    given = SystemFlags(weights="a.onnx", max_faces=5, trust_weights=True)
    typed = ["--weights", "a.onnx", "--trust-weights", "--max-faces", "5"]
    assert list(as_typed(given)) == typed
    assert list(as_typed(SystemFlags())) == []


def test_a_parameter_has_one_flag_in_all_commands() -> None:
    known: dict[str, set[str]] = defaultdict(set)
    for option in _options(typer.main.get_command(app)):
        known[option.name].add(option.opts[0])
    assert {name: options for name, options in known.items() if len(options) > 1} == {}
    assert set(_OTHER_NAMES.values()) <= set(flags())


def test_no_message_outside_the_command_line_speaks_of_its_options() -> None:
    """`doctor` is about the commands, so it may."""
    options = "|".join(sorted(set(flags().values()), key=len, reverse=True))
    spoken = re.compile(rf"(?<![\w-])({options})(?![\w-])")
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {text}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in ("cli", "doctor")
        for line, text in _strings(ast.parse(path.read_text(encoding="utf-8")))
        if spoken.search(text)
    ]
    assert found == []


def _strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of every string but docstrings, which may explain options."""
    explained = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in explained else None
        if isinstance(node, ast.Constant) and isinstance(text, str):
            yield node.lineno, text
