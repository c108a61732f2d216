"""The benchmark as a maintainer runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def benchmark(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    target, table = tmp_path / "figures.json", tmp_path / "figures.md"
    command = [sys.executable, "-m", "tools.benchmark", *arguments]
    done = subprocess.run(
        [*command, "--scratch", str(tmp_path), "--json", str(target), "--markdown", str(table)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    rows = [line for line in table.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    assert len(rows) == 2 + len(result["figures"])
    assert {path.name for path in tmp_path.iterdir()} == {"figures.json", "figures.md"}
    return result
