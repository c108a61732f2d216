"""`yolo-fer predict`: faces and expressions in images, videos, cameras and streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from yolo_fer.cli.option_groups import with_groups
from yolo_fer.cli.predict_options import IN_ARCHIVE, ArchiveFlags, FollowFlags, PredictOptions
from yolo_fer.cli.predict_outputs import Outputs
from yolo_fer.cli.system_options import SystemFlags


class PredictCommand(TyperCommand):
    """Lets `--smooth` stand alone, and with `--out` what writes to a place of its own there."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give options that stand alone their values."""
        places = IN_ARCHIVE if self._is_archive(ctx, args) else {}
        words = [*_with_values(args, places, _is_number)]
        sources = self.make_parser(ctx).parse_args([*words])[0].get("sources")
        if not sources:  # then 0 after --smooth is no time but a camera
            words = [*_with_values(args, places, _is_positive)]
        return super().parse_args(ctx, words)

    def _is_archive(self, ctx: Any, args: list[str]) -> bool:
        """Tell whether `--out` is typed, or kept as a default."""
        options = takewhile(lambda word: word != "--", args)
        if any(word.split("=")[0] == "--out" for word in options):
            return True
        out: Any = next(option for option in self.params if option.name == "out")
        return bool(ctx.lookup_default("out") or out.resolve_envvar_value(ctx))


@with_groups
def predict(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Images, videos, folders, patterns in quotes, the index of a camera, "
            "rtsp:// or http:// addresses of streams or images, - for an image on standard input.",
        ),
    ],
    *,
    system: SystemFlags,
    follow: FollowFlags,
    outputs: Outputs,
    archive: ArchiveFlags,
    trust_certificate: Annotated[
        bool,
        typer.Option(
            "--trust-certificate",
            help="Take any certificate of an https:// or rtsps:// server, as of your own camera.",
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 1 if any image or video was bad.")
    ] = False,
) -> None:
    """Find every face in images, videos and streams and name its expression.

    Without an option that says where results go, a line is printed for each image and frame.
    Of a file no frame is lost; of a camera or stream, old frames are dropped when new ones are
    there. --smooth, --timeline and --summary imply --track. Ctrl-C ends with complete files.

    With --out, thousands of images and videos are predicted on all cores or a cluster into one
    table of faces; --summary and --timeline then take no name.
    """
    from yolo_fer.cli.predict_archive import predict_archive
    from yolo_fer.cli.predict_sources import predict_sources

    options = PredictOptions(
        tuple(sources),
        system.options(),
        follow,
        outputs,
        archive,
        strict=strict,
        trust_certificate=trust_certificate,
    )
    if archive.out is None:
        predict_sources(options)
    else:
        predict_archive(options, archive.out)


def _with_values(
    words: Sequence[str], places: Mapping[str, str], is_time: Callable[[str], bool]
) -> Iterator[str]:
    """Yield the words of a command line with the values of options that stand alone.

    Args:
        words: what is typed.
        places: the options that take no name, and what they get instead.
        is_time: tells whether the word after `--smooth` is its value.
    """
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        if word in places:
            # A file that is not there is no source, but the name that is given without --out.
            is_name = remaining and not (
                remaining[0].startswith("-") or Path(remaining[0]).exists()
            )
            yield f"{word}={remaining.pop(0) if is_name else places[word]}"
        elif word != "--smooth":
            yield word
        elif remaining and is_time(remaining[0]):
            yield f"--smooth={remaining.pop(0)}"
        else:
            from yolo_fer.predict.smoothing import SECONDS

            yield f"--smooth={SECONDS}"
        if word == "--":
            yield from remaining
            return


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _is_positive(word: str) -> bool:
    return _is_number(word) and float(word) > 0
