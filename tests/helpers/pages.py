"""The pages that a user reads, and the commands and programs that they show."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
USER_PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
"""What people read who use it: its commands and programs are for copying."""
PAGES = [
    *USER_PAGES,
    CONTRIBUTING,
    ROOT / "CHANGELOG.md",
    ROOT / "datasets" / "README.md",
    ROOT / "weights" / "README.md",
    ROOT / "weights" / "classifiers.md",
    ROOT / "weights" / "EXPERIMENTS.md",
]


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of code of a page that are in a language."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def commands(*pages: Path, start: str = "yolo-fer ") -> list[str]:
    """Return the commands of pages that begin with some words, each once, in their order."""
    found: dict[str, None] = {}
    for page in pages:
        for line in "".join(blocks(page, "bash")).splitlines():
            for part in line.split("#")[0].split("&&"):
                found[part.strip()] = None
    return [line for line in found if line.startswith(start)]
