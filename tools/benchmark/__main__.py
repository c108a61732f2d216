"""Measure yolo-fer's speed goals on this machine and say which are met."""

from __future__ import annotations

import sys

import typer

from tools.benchmark.archive import archive
from tools.benchmark.conversion_commands import convert, memory, videos
from tools.benchmark.network_commands import (
    frames,
    predict,
    runtimes,
    serve,
    start,
    two_stage,
)
from tools.benchmark.scale_commands import duplicates, rates, scheduler
from tools.benchmark.stream_commands import smoothing, stream, tracking
from yolo_fer.cli.console import print_error
from yolo_fer.errors import YoloFerError

_COMMANDS = (
    convert,
    memory,
    videos,
    predict,
    frames,
    runtimes,
    two_stage,
    stream,
    start,
    serve,
    archive,
    tracking,
    smoothing,
    duplicates,
    rates,
    scheduler,
)
app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
for command in _COMMANDS:
    app.command()(command)


if __name__ == "__main__":
    try:
        app()
    except YoloFerError as error:
        print_error(str(error))
        sys.exit(1)
