"""Options that several commands share, declared once: each field of a dataclass is an option."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from copy import copy
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, get_type_hints


def with_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Decorate a command that takes dataclasses, so that Typer sees their fields in their place.

    A field is annotated as a parameter of a command would be, `Annotated[int, typer.Option(…)]`,
    and its default is the option's. `PANEL` of a dataclass is the heading of its options in --help.
    """
    groups: dict[str, Any] = {}
    parameters: list[inspect.Parameter] = []
    hints = get_type_hints(command, include_extras=True)
    for name, parameter in inspect.signature(command).parameters.items():
        kind = hints[name]
        if is_dataclass(kind):
            groups[name] = kind
            theirs, panel = get_type_hints(kind, include_extras=True), groups[name].PANEL
            parameters += [
                _keyword(f.name, _under(panel, theirs[f.name]), f.default) for f in fields(kind)
            ]
        else:
            parameters.append(_keyword(name, kind, parameter.default))

    @functools.wraps(command)
    def run(*arguments: Any, **values: Any) -> None:
        grouped = {
            name: kind(**{f.name: values.pop(f.name) for f in fields(kind) if f.name in values})
            for name, kind in groups.items()
        }
        command(*arguments, **values, **grouped)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _under(panel: str, annotation: Any) -> Any:
    """Return the annotation of an option that stands under a heading in --help."""
    option = copy(annotation.__metadata__[0])  # other commands may have it under another one
    option.rich_help_panel = panel
    return Annotated[annotation.__origin__, option]


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)
