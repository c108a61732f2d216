"""The names of the library's arguments, as the command line spells them.

A message of the library names an argument in backquotes, as a Python programmer would write it:
`` `overwrite` `` or `` `device=cpu` ``. Who uses the command line reads `--overwrite` and
`--device cpu`. This is the only place that turns one into the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

import typer

# Arguments of the library that have another name than the parameter of the command.
_OTHER_NAMES = {
    "upload_mb": "max_upload",
    "total_mb": "max_total",
    "video_seconds": "max_seconds",
    "megapixels": "max_pixels",
}


def in_flags(message: str) -> str:
    """Return a message in which every argument that is an option is written as one."""
    return re.sub(r"`([a-z]\w*)(?:=([^`]*))?`", _flag, message)


def _flag(match: re.Match[str]) -> str:
    name, value = match.groups()
    flag = flags().get(_OTHER_NAMES.get(name, name))
    if flag is None:
        return match[0]
    return flag if value is None else f"{flag} {value}"


@cache
def flags() -> dict[str, str]:
    """Return the long option of each parameter of all commands, `{"max_per_video": …}`."""
    from yolo_fer.cli.main import app

    known: dict[str, str] = {}
    for option in _options(typer.main.get_command(app)):
        long = next((name for name in option.opts if name.startswith("--")), None)
        if option.name and long:
            known.setdefault(option.name, long)
    return known


def as_typed(group: Any) -> Iterator[str]:
    """Yield the options of a group of them, a dataclass, as they are typed, but for defaults."""
    for field in fields(group):
        value = getattr(group, field.name)
        if value != field.default:
            yield flags()[field.name]
            if value is not True:
                yield str(value)


def _options(command: Any) -> Iterator[Any]:
    """Yield the options of a Click command, which newer versions of Typer bring with them."""
    yield from (param for param in command.params if param.param_type_name == "option")
    for sub in getattr(command, "commands", {}).values():
        yield from _options(sub)
