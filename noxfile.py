"""Quick checks of a change: `nox -s check`, in the environment that it is called in.

Before a change is merged, `.ci/run` has to pass, which runs all of it in a new environment.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent))  # nox imports this file from wherever it is called

from tools.changed_tests import changed_tests

nox.options.default_venv_backend = "none"
nox.options.sessions = ["check"]


@nox.session
def static(session: nox.Session) -> None:
    """Lint, format, layers of imports and types: everything that needs no test."""
    for command in ("ruff check .", "ruff format --check .", "lint-imports", "mypy"):
        session.run(*command.split())


@nox.session
def docs(session: nox.Session) -> None:
    """The site of the documents, into `site/`. A link that leads nowhere is an error."""
    session.run("mkdocs", "build", "--strict", env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def check(session: nox.Session) -> None:
    """The static checks, and the tests of what changed since origin/main.

    `nox -s check -- BASE` compares with another commit, branch or tag.
    """
    base = session.posargs[0] if session.posargs else "origin/main"
    if _git(session, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}", status=[0, 1]) == []:
        session.error(f"git knows no '{base}'; say what to compare with: nox -s check -- BASE")
    static(session)
    changed = _git(session, "diff", "--name-only", "--merge-base", base)
    changed += _git(session, "ls-files", "--others", "--exclude-standard")
    tests = changed_tests(changed, Path.cwd())
    if not tests:
        session.log(f"no test names what changed since {base} ({len(changed)} files)")
        return
    session.run("pytest", "--quiet", *tests)


def _git(session: nox.Session, *words: str, status: list[int] | None = None) -> list[str]:
    """Return the lines that a git command prints."""
    text = session.run(
        "git", *words, external=True, silent=True, log=False, success_codes=status or [0]
    )
    return str(text or "").split("\n")[:-1] if text else []
