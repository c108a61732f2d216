"""Which tests look at what changed: what `nox -s check` runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath


def changed_tests(changed: Iterable[str], root: Path) -> list[str]:
    """Return the test files that a change concerns, as POSIX paths from `root`, sorted.

    These are the test files that changed; the file of a module's own name
    (`tests/outputs/test_text.py` of `yolo_fer/outputs/text.py`); and those that name a changed
    module, helper or other file. A module that no test names is concerned by all tests of its
    folder. Tests that use a changed module only through another one are not among them otherwise:
    the whole suite is for that.

    Args:
        changed: POSIX paths from `root`, also of files that are gone.
        root: of the repository.
    """
    tests = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((root / "tests").rglob("test_*.py"))
    }
    chosen: set[str] = set()
    for name in changed:
        path = PurePosixPath(name)
        own, mention = (name, _own_test(path)), _mention(path)
        concerned = {test for test, text in tests.items() if test in own or mention.search(text)}
        chosen |= concerned or _of_its_folder(path, tests)
    return sorted(chosen)


def _of_its_folder(path: PurePosixPath, tests: Iterable[str]) -> set[str]:
    """Return the tests of the folder of a module, or of the nearest one above it that has some."""
    if path.suffix != ".py" or path.parts[0] not in ("yolo_fer", "tools"):
        return set()
    mirrored = PurePosixPath(_own_test(path)).parent
    for folder in (mirrored, *mirrored.parents):
        if theirs := {test for test in tests if PurePosixPath(test).parent == folder}:
            return theirs
    return set()


def _own_test(path: PurePosixPath) -> str:
    """Where the tests of a module are: `tests/` mirrors `yolo_fer/`, and holds `tests/tools/`."""
    inside = path.relative_to("yolo_fer") if path.parts[0] == "yolo_fer" else path
    return str("tests" / inside.with_name(f"test_{inside.name}"))


def _mention(path: PurePosixPath) -> re.Pattern[str]:
    """Match what names a file in a test: `from yolo_fer.outputs import text`, or "data.yaml"."""
    if path.suffix != ".py":  # a name such as `run` alone is a word like any other
        return re.compile(re.escape(path.name if path.suffix else str(path)))
    *folders, module = path.with_suffix("").parts
    package = re.escape(".".join(folders))
    if module == "__init__":
        return re.compile(rf"(from|import) {package}\b(?!\.)")
    if not folders:
        return re.compile(rf"import {module}\b")
    return re.compile(
        rf"\b{package}\.{module}\b|from {package} import (\([^)]*\b|[^\n]*\b){module}\b"
    )
