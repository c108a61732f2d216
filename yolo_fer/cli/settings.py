"""Defaults of the options that a user keeps: in yolo-fer.toml, pyproject.toml or variables."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from yolo_fer.errors import ExclusiveArgumentsError, UnusedArgumentError, UsageError

PREFIX = "YOLO_FER"
"""A variable is named by the command and the option: YOLO_FER_PREDICT_CONF is `predict --conf`."""
OTHER_VARIABLES = ("YOLO_FER_CACHE", "YOLO_FER_TOKEN", "YOLO_FER_USERS_CONFIG_DIR")
"""Variables of that prefix which are no option."""
_FILE, _PROJECT, _TABLE = "yolo-fer.toml", "pyproject.toml", "yolo-fer"
# A folder that somebody else packed may hold such a file, too: it decides neither what code is run
# (a Dask scheduler can have any of it run) nor which file of the user's is replaced, nor who is let
# in.
_NEVER_FROM_A_FILE = (
    "trust", "dask", "overwrite", "host", "token", "no-token", "allow",
    "json_file",  # of a parameter: the report of `check` and others, but not the lines of `predict`
)  # fmt: skip

_TYPED = 2
_RANKS = {"DEFAULT_MAP": 0, "ENVIRONMENT": 1}  # Click's words for a file and a variable


@dataclass(frozen=True, slots=True)
class Setting:
    """One default that a user has set.

    Args:
        where: the file or variable that holds it.
        option: as `predict --conf`.
        value: as it stands there.
    """

    where: str
    option: str
    value: object


@dataclass(frozen=True, slots=True)
class Settings:
    """The defaults in a file.

    Args:
        defaults: by command and parameter, as Click's `default_map` has them.
        listed: the same, one by one.
    """

    defaults: Mapping[str, Any]
    listed: tuple[Setting, ...]


def read_settings(command: Any, folder: Path) -> Settings:
    """Read the defaults that hold in a folder.

    They stand in yolo-fer.toml or, where there is none, in the table `[tool.yolo-fer]` of
    pyproject.toml. Only the folder itself is looked into, not those above it.

    Args:
        command: the command line, as Typer builds it.
        folder: where the command is run.

    Raises:
        UsageError: if the file is no TOML, names a command or an option that does not exist or
            that no file may set, or has a value that the option does not take.
    """
    path, table = _table(folder)
    listed: list[Setting] = []
    return Settings(_read(command, table, path, "", listed), tuple(listed))


def read_variables(command: Any, environment: Mapping[str, str]) -> tuple[list[Setting], list[str]]:
    """Return the defaults in environment variables, and the variables that mean nothing."""
    options = _variables(command, PREFIX, "")
    known = {name: option for _, names, option in options for name in names}
    ours = {n: v for n, v in environment.items() if n.startswith(f"{PREFIX}_") and v}
    listed = [Setting(name, known[name], ours[name]) for name in sorted(ours) if name in known]
    return listed, sorted(set(ours) - set(known) - set(OTHER_VARIABLES))


def with_settings(app: typer.Typer, folder: Path) -> Any:
    """Return the command line with the user's defaults.

    Raises:
        UsageError: as `read_settings`.
    """
    command: Any = typer.main.get_command(app)
    for parameter, names, _ in _variables(command, PREFIX, ""):
        # Click's own names would be set for `--version` and `--help`, too.
        parameter.envvar = names
        parameter.show_envvar = False  # hundreds of names, all made by one rule
    command.context_settings |= {"default_map": read_settings(command, folder).defaults}
    return command


def kept_of(context: typer.Context, error: UnusedArgumentError) -> set[str]:
    """Return which of the arguments of an error are no mistake: the user has not typed them.

    Of arguments that exclude each other, a variable counts more than a file, and what is typed
    more than both.
    """
    ranks = {name: _rank(context, name) for name in error.arguments}
    counts = max(ranks.values()) if isinstance(error, ExclusiveArgumentsError) else _TYPED
    return {name for name, rank in ranks.items() if rank < counts}


def _rank(context: Any, name: str) -> int:
    source = context.get_parameter_source(name)
    return _RANKS.get(source.name if source else "", _TYPED)


def _table(folder: Path) -> tuple[Path, Mapping[str, Any]]:
    own, project = folder / _FILE, folder / _PROJECT
    if own.is_file():
        return own, _toml(own)
    if project.is_file():
        tools = _toml(project).get("tool", {})
        table = tools.get(_TABLE, {}) if isinstance(tools, dict) else {}
        if not isinstance(table, dict):
            raise UsageError(f"{project}: [tool.{_TABLE}] is no table")
        return project, table
    return own, {}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}; mend it, or move it away") from error


def _read(
    command: Any, table: Mapping[str, Any], path: Path, name: str, listed: list[Setting]
) -> dict[str, Any]:
    """Return the defaults of a command and those below it."""
    commands = getattr(command, "commands", {})
    options = {option.lstrip("-"): p for p in command.params for option in p.opts if "--" in option}
    defaults: dict[str, Any] = {}
    for key, value in table.items():
        word = key.replace("_", "-")
        if word in commands and isinstance(value, dict):
            defaults[word] = _read(commands[word], value, path, f"{name} {word}".strip(), listed)
            continue
        if not name or word not in options:
            close = difflib.get_close_matches(word, [*commands, *(options if name else ())], 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            what = f"an option of {name}" if name else "a command, such as [predict]"
            raise UsageError(f"{path}: {key} is not {what}{hint}")
        parameter = options[word]
        if any(n.startswith(_NEVER_FROM_A_FILE) for n in (word, parameter.name)):
            raise UsageError(
                f"{path}: --{word} is not taken from a file, which may be somebody else's; give it "
                "on the command line or in a variable"
            )
        defaults[parameter.name] = _checked(command, parameter, value, f"{path}: {name} {key}")
        listed.append(Setting(path.name, f"{name} --{word}", value))
    return defaults


def _checked(command: Any, parameter: Any, value: Any, where: str) -> Any:
    """Return a value that the option takes."""
    context = typer.Context(command)
    try:
        parameter.process_value(context, value)
    except (typer.BadParameter, TypeError, ValueError) as error:
        said = getattr(error, "message", str(error))
        raise UsageError(f"{where} = {value!r}: {said}") from error
    return value


def _variables(command: Any, prefix: str, name: str) -> Iterator[tuple[Any, list[str], str]]:
    """Yield each option of a command and of those below it, its variables, and how it is typed.

    The options of the command line itself, such as `--version`, have no variable.
    """
    for parameter in command.params:
        options = [option for option in parameter.opts if option.startswith("--")]
        if options and name:
            # The name of the parameter is what older versions took.
            words = dict.fromkeys((options[0].strip("-").replace("-", "_"), parameter.name))
            yield parameter, [f"{prefix}_{w}".upper() for w in words], f"{name} {options[0]}"
    for word, below in getattr(command, "commands", {}).items():
        below_prefix = f"{prefix}_{word.replace('-', '_')}".upper()
        yield from _variables(below, below_prefix, f"{name} {word}".strip())
