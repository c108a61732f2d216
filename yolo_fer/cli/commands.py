"""What every command of `yolo-fer` has: `-q`, `-v`, and a help that fills the terminal's lines."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any

import typer

from yolo_fer.cli.console import set_loudness
from yolo_fer.errors import UsageError

_OPTIONS = {
    "quiet": typer.Option("-q", "--quiet", help="Print results, warnings and errors alone."),
    "verbose": typer.Option("-v", "--verbose", help="Say more, and where an error arose."),
}


class Commands(typer.Typer):
    """Commands below one name, each with `-q` and `-v`."""

    def __init__(self, **named: Any) -> None:
        super().__init__(
            no_args_is_help=True,
            context_settings={"help_option_names": ["-h", "--help"]},
            **named,
        )

    def command(self, name: str | None = None, **named: Any) -> Callable[[Any], Any]:
        """Add a function as a command; its docstring is the help."""
        add = super().command(name, **named)

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            add(_with_loudness(function))
            return function

        return decorate


def _with_loudness(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command that has two more options, and sets the console by them."""

    @functools.wraps(function)
    def run(*args: Any, quiet: bool, verbose: bool, **named: Any) -> Any:
        if quiet and verbose:
            raise UsageError("-q and -v exclude each other")
        set_loudness(quiet=quiet, verbose=verbose)
        return function(*args, **named)

    new = {name: Annotated[bool, option] for name, option in _OPTIONS.items()}
    own = inspect.signature(function, eval_str=True)
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for name, kind in new.items()
    ]
    vars(run)["__signature__"] = own.replace(parameters=[*own.parameters.values(), *more])
    run.__annotations__ = {p.name: p.annotation for p in (*own.parameters.values(), *more)}
    run.__doc__ = flowing(function.__doc__ or "")
    return run


def flowing(text: str) -> str:
    """Return a docstring with each paragraph in one line, for the terminal to break.

    Typer does so with the first paragraph alone, and breaks the lines of the others once more.
    """
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
