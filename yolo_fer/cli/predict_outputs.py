"""Where `yolo-fer predict` writes: the sinks behind its options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from yolo_fer.errors import ExclusiveArgumentsError, UnusedArgumentError
from yolo_fer.paths import resolved

if TYPE_CHECKING:
    from yolo_fer.inputs.frame_source import FrameSource
    from yolo_fer.inputs.listing import Input, VideoInput
    from yolo_fer.outputs import Sink, WindowSink


@dataclass(frozen=True, slots=True)
class Outputs:
    """The options of the command line that say where results go.

    Raises:
        UsageError: if they do not go together.
    """

    PANEL: ClassVar[str] = "Results"

    json_lines: Annotated[
        str | None, typer.Option("--json", help="Write JSON lines to a file, or - for stdout.")
    ] = None
    csv: Annotated[
        str | None, typer.Option(help="Write a row per face to a file, or - for stdout.")
    ] = None
    save: Annotated[
        Path | None,
        typer.Option(help="Write annotated copies, .jpg and .mp4, to this new or empty folder."),
    ] = None
    save_faces: Annotated[
        Path | None, typer.Option(help="Write crops of the faces to this new or empty folder.")
    ] = None
    timeline: Annotated[
        Path | None, typer.Option(help="Write a picture, .png, of each followed face over time.")
    ] = None
    summary: Annotated[
        str | None, typer.Option(help="Write a row per followed face to a file, or - for stdout.")
    ] = None
    show: Annotated[
        bool, typer.Option("--show", help="Show what is found in a window; q ends.")
    ] = False
    blur: Annotated[
        bool, typer.Option("--blur", help="Hide the faces in all pictures that are written.")
    ] = False
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results that are there.")
    ] = False

    def __post_init__(self) -> None:
        to_stdout = [
            name for name in ("json_lines", "csv", "summary") if getattr(self, name) == "-"
        ]
        if len(to_stdout) > 1:
            raise ExclusiveArgumentsError(
                "only one of --json, --csv and --summary can write to standard output", *to_stdout
            )
        if self.blur and not (self.save or self.save_faces or self.timeline or self.show):
            raise UnusedArgumentError(
                "--blur hides the faces in pictures; add --save, --save-faces, --timeline or "
                "--show",
                "blur",
            )

        taken: dict[Path, str] = {}
        for name, path in self._paths():
            other = taken.setdefault(resolved(path), name)
            if other != name:
                raise ExclusiveArgumentsError(
                    f"`{other}` and `{name}` both write to {path}; give two names", other, name
                )

    def _paths(self) -> Iterator[tuple[str, Path]]:
        """Yield the files and folders to write, each with the name of its option."""
        for name in ("json_lines", "csv", "summary", "timeline", "save", "save_faces"):
            target = getattr(self, name)
            if target is not None and target != "-":
                yield name, Path(target)

    @property
    def places(self) -> list[str]:
        """The files and folders that results lie in."""
        return [str(path) for _, path in self._paths()]

    @property
    def use_stdout(self) -> bool:
        """Whether results go to standard output, where a line for each image is one, too."""
        return "-" in (self.json_lines, self.csv, self.summary) or self.is_none

    @property
    def is_none(self) -> bool:
        """Whether no option asks for anything, so that a line is printed for each image."""
        files = (self.json_lines, self.csv, self.save, self.save_faces, self.timeline, self.summary)
        return not self.show and all(file is None for file in files)

    @property
    def of_tracks(self) -> dict[str, str | None]:
        """The options that only tracked faces can serve, and the name that each was given."""
        timeline = None if self.timeline is None else str(self.timeline)
        return {"timeline": timeline, "summary": self.summary}

    @property
    def of_single_runs(self) -> list[str]:
        """The options that are given and whose results an archive has in other form."""
        names = ("json_lines", "csv", "save", "save_faces", "show")
        return [name for name in names if getattr(self, name) not in (None, False)]

    def open_files(self, stack: ExitStack, inputs: Sequence[Input]) -> list[Sink]:
        """Open the sinks of files, all but those of annotated videos.

        Raises:
            UsageError: if something is there already, is an input, or cannot be written.
            MissingExtraError: if a package for writing is not installed.
        """
        if self.is_none:
            return []
        from yolo_fer import outputs as sinks
        from yolo_fer.inputs.listing import ImageInput, VideoInput
        from yolo_fer.outputs.sink import refuse_same_files, refuse_sources
        from yolo_fer.runtime.folder_lock import locked

        written = list(self._written(inputs))
        refuse_same_files(written)
        refuse_sources(
            written,
            (
                item.spec if isinstance(item, VideoInput) else item.path
                for item in inputs
                if isinstance(item, VideoInput) or item.is_file
            ),
        )
        for folder in (self.save, self.save_faces):
            if folder is not None:
                stack.enter_context(locked(folder))
        # All are made, and may refuse, before the first is opened and writes.
        made: list[Sink] = []
        if self.json_lines is not None:
            made.append(sinks.JsonLinesSink(self.json_lines, self.overwrite))
        if self.csv is not None:
            made.append(sinks.CsvSink(self.csv, self.overwrite))
        if self.save is not None:
            images = [item for item in inputs if isinstance(item, ImageInput)]
            made.append(sinks.AnnotatedImageSink(self.save, images, self.overwrite, blur=self.blur))
        if self.save_faces is not None:
            made.append(sinks.FaceCropSink(self.save_faces, self.overwrite, blur=self.blur))
        if self.timeline is not None:
            made.append(sinks.TimelineSink(self.timeline, self.overwrite, blur=self.blur))
        if self.summary is not None:
            made.append(sinks.SummarySink(self.summary, self.overwrite))
        return [stack.enter_context(sink) for sink in made]

    def _written(self, inputs: Sequence[Input]) -> Iterator[Path]:
        """Yield all files that may be written, and the folders."""
        from yolo_fer.inputs.listing import ImageInput, VideoInput
        from yolo_fer.outputs.face_crops import crops_in

        yield from (path for _, path in self._paths())
        for kind, suffix in ((ImageInput, ".jpg"), (VideoInput, ".mp4")):
            yield from (path for _, path in self._copies(inputs, kind, suffix))
        if self.save_faces is not None:
            yield from crops_in(self.save_faces)

    def _copies(
        self, inputs: Sequence[Input], kind: type[Input], suffix: str
    ) -> Iterator[tuple[Input, Path]]:
        """Yield each input of a kind with the path of its annotated copy, if one is wanted."""
        if self.save is None:
            return
        from yolo_fer.outputs.sink import plan_targets

        items = [item for item in inputs if isinstance(item, kind)]
        paths = plan_targets(self.save, (item.target for item in items), suffix)
        yield from zip(items, paths, strict=True)

    def open_window(self, stack: ExitStack) -> WindowSink | None:
        """Open the window, if one is wanted.

        Raises:
            YoloFerError: if none can be opened here.
        """
        if not self.show:
            return None
        from yolo_fer.outputs import WindowSink

        return stack.enter_context(WindowSink(blur=self.blur))

    def open_copy(
        self, stack: ExitStack, item: VideoInput, inputs: Sequence[Input], source: FrameSource
    ) -> list[Sink]:
        """Open the annotated copy of a video or stream, if one is wanted.

        Args:
            stack: that closes it.
            item: the video or stream.
            inputs: all of them, whose copies must not replace each other.
            source: the source of the frames, from which one has come.

        Raises:
            UsageError: if the copy cannot be written.
        """
        if self.save is None:
            return []
        from yolo_fer.inputs.listing import VideoInput
        from yolo_fer.outputs import AnnotatedVideoSink

        copies = self._copies(inputs, VideoInput, ".mp4")
        path = next(path for other, path in copies if other is item)
        copy = AnnotatedVideoSink(path, source.frame_rate, self.overwrite, blur=self.blur)
        return [stack.enter_context(copy)]
