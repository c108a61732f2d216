"""What `yolo-fer predict` was asked for, as a whole; everything behind the command takes this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from yolo_fer.cli.predict_outputs import Outputs
from yolo_fer.errors import ExclusiveArgumentsError, UnusedArgumentError, UsageError

if TYPE_CHECKING:
    from yolo_fer.archive.options import ArchiveOptions
    from yolo_fer.predict.stream import Following
    from yolo_fer.systems import SystemOptions

IN_ARCHIVE = {"--summary": "_tracks", "--timeline": "_timelines"}
"""Options that take no name with `--out`: where in it their results go."""


@dataclass(frozen=True, slots=True)
class FollowFlags:
    """Whether and how faces are followed through a video."""

    PANEL: ClassVar[str] = "Tracking in videos"

    track: Annotated[bool, typer.Option("--track", help="Follow each face through a video.")] = (
        False
    )
    smooth: Annotated[
        float | None,
        typer.Option(
            metavar="[SECONDS]",
            help="Average the scores of each followed face over its last 0.5 or so many seconds.",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class ArchiveFlags:
    """How an archive is predicted; nothing else has these options."""

    PANEL: ClassVar[str] = "Archives"

    out: Annotated[
        Path | None,
        typer.Option(help="Write all results of an archive to this new or empty folder."),
    ] = None
    format: Annotated[
        str | None,
        typer.Option(show_default="parquet", help="Of the faces in --out: parquet, jsonl or csv."),
    ] = None
    workers: Annotated[
        int | None,
        typer.Option(min=0, show_default="one per core", help="Processes, with --out."),
    ] = None
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, with --out.")] = (
        None
    )
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped, with --out.")
    ] = False

    @property
    def given(self) -> list[str]:
        """The options that are given and need `--out`."""
        given = {
            "format": self.format is not None,
            "workers": self.workers is not None,
            "dask": self.dask is not None,
            "resume": self.resume,
        }
        return [name for name, is_given in given.items() if is_given]


@dataclass(frozen=True, slots=True)
class PredictOptions:
    """What `yolo-fer predict` was asked for.

    Args:
        sources: what is predicted.
        system: finds and names the faces.
        follow: whether and how faces are followed through a video.
        outputs: where results go.
        archive: how an archive is predicted, if it is one.
        strict: whether anything bad is an error.
        trust_certificate: whether any certificate of a server will do.

    Raises:
        UsageError: if the options do not go together.
    """

    sources: tuple[str, ...]
    system: SystemOptions
    follow: FollowFlags
    outputs: Outputs
    archive: ArchiveFlags
    strict: bool = False
    trust_certificate: bool = False

    def __post_init__(self) -> None:
        if self.archive.out is None:
            if given := self.archive.given:
                raise UnusedArgumentError(
                    f"`{given[0]}` is for archives; say with --out where the results go", *given
                )
            for name, target in self.outputs.of_tracks.items():
                if target == IN_ARCHIVE[f"--{name}"]:  # and not what somebody calls a file
                    raise UnusedArgumentError(
                        f"--{name} needs the name of a file; only with --out it has none", name
                    )
            return
        if self.trust_certificate:
            raise UnusedArgumentError(
                "--trust-certificate is for streams, which do not go with --out",
                "trust_certificate",
            )
        if given := self.outputs.of_single_runs:
            raise ExclusiveArgumentsError(
                f"`{given[0]}` does not go with --out, which holds all results", given[0], "out"
            )
        for name, target in self.outputs.of_tracks.items():
            place = IN_ARCHIVE[f"--{name}"]
            if target not in (None, place):
                raise ExclusiveArgumentsError(
                    f"--{name} takes no name with --out: it writes to {place} in there", name, "out"
                )

    def following(self) -> Following:
        """Return how faces are followed; what only followed faces give implies it.

        Raises:
            UsageError: if `smooth` is no possible time.
            MissingExtraError: if a package for following is missing.
        """
        from yolo_fer.predict.stream import Following

        wanted = (name is not None for name in self.outputs.of_tracks.values())
        return Following(self.follow.track or any(wanted), self.follow.smooth)

    def for_archive(self) -> ArchiveOptions:
        """Return what decides what is written of an archive.

        Raises:
            UsageError: if the format is unknown, or options do not go together.
            MissingExtraError: if a package is missing.
        """
        from yolo_fer.archive.options import ArchiveOptions
        from yolo_fer.outputs.face_table import TableFormat

        known = [table_format.value for table_format in TableFormat]
        wanted = self.archive.format or TableFormat.PARQUET.value
        if wanted not in known:
            raise UsageError(f"--format {wanted} is unknown; give {', '.join(known)}")
        return ArchiveOptions(
            self.system,
            self.following(),
            summary=self.outputs.summary is not None,
            timeline=self.outputs.timeline is not None,
            blur=self.outputs.blur,
            table_format=TableFormat(wanted),
        )
