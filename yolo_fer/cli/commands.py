"""What every command of `yolo-fer` has: `-q`, `-v`, and a help that fills the terminal's lines."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any

import typer

from yolo_fer.cli.console import say_more, set_loudness
from yolo_fer.cli.settings import kept_of
from yolo_fer.errors import ExclusiveArgumentsError, UnusedArgumentError

_OPTIONS = {
    "quiet": typer.Option("-q", "--quiet", help="Print results, warnings and errors alone."),
    "verbose": typer.Option("-v", "--verbose", help="Say more, and where an error arose."),
}


_CONTEXT = "context"  # what a command calls it, if it asks for it


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
    """Return a command that has two more options, and sets the console by them.

    What the user keeps as a default and is of no use to this call is left out of it.
    """
    own = inspect.signature(function, eval_str=True).parameters
    keyword = inspect.Parameter.KEYWORD_ONLY
    more = [
        inspect.Parameter(name, keyword, default=False, annotation=Annotated[bool, option])
        for name, option in _OPTIONS.items()
    ]
    parameters = [p for p in (*own.values(), *more) if p.name != _CONTEXT]
    defaults = {p.name: p.default for p in parameters}

    def call(*, quiet: bool, verbose: bool, **named: Any) -> Any:
        if quiet and verbose:
            raise ExclusiveArgumentsError("-q and -v exclude each other", "quiet", "verbose")
        set_loudness(quiet=quiet, verbose=verbose)
        return function(**named)

    @functools.wraps(function)
    def run(**named: Any) -> Any:
        context = named[_CONTEXT] if _CONTEXT in own else named.pop(_CONTEXT)
        unused: set[str] = set()
        while True:
            try:
                return call(**named)
            except UnusedArgumentError as error:
                if not (kept := kept_of(context, error) - unused):
                    raise
                say_more(f"kept as a default, but of no use here: {', '.join(sorted(kept))}")
                unused |= kept
                named |= {name: defaults[name] for name in kept}

    parameters.append(inspect.Parameter(_CONTEXT, keyword, annotation=typer.Context))
    vars(run)["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__doc__ = flowing(function.__doc__ or "")
    return run


def flowing(text: str) -> str:
    """Return a docstring with each paragraph in one line, for the terminal to break.

    Typer does so with the first paragraph alone, and breaks the lines of the others once more.
    """
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
