"""What commands share that print figures: the file to which they are written, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from yolo_fer.errors import UnusedArgumentError, UsageError
from yolo_fer.paths import resolved


@dataclass(frozen=True)
class ReportFlags:
    """Where what a command found is written, besides the screen."""

    PANEL: ClassVar[str] = "Report"

    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write all of it to this file, too."),
    ] = None
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file of --json if it is there.")
    ] = False

    def check(self, *read: Path) -> None:
        """Make sure, before the work begins, that the file may be written.

        Args:
            read: the files and folders that the command reads, in which nothing is replaced.

        Raises:
            UsageError: if it exists and may not be replaced, or its folder does not exist.
        """
        path = self.json_file
        if path is None:
            if self.overwrite:
                raise UnusedArgumentError("--overwrite is only of use with --json", "overwrite")
            return
        from yolo_fer.outputs.sink import refuse_existing_file

        refuse_existing_file(path, self.overwrite)
        if not path.parent.is_dir():
            raise UsageError(f"--json {path} cannot be written: there is no folder {path.parent}")
        for place in read if path.exists() else ():
            if resolved(path).is_relative_to(resolved(place)):
                raise UsageError(
                    f"--json {path} is in {place}, which is read, and would be replaced; give "
                    "another name"
                )

    def write(self, content: Mapping[str, Any]) -> None:
        """Write what the command found, if its user wants it in a file.

        Args:
            content: JSON, without NaN, which no other language reads.

        Raises:
            UsageError: if the file cannot be written.
        """
        if self.json_file is None:
            return
        from yolo_fer.files import write_json

        try:
            write_json(self.json_file, content)
        except OSError as error:
            raise UsageError(
                f"--json {self.json_file} cannot be written: {error.strerror}"
            ) from error
