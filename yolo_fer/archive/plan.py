"""From an archive to jobs: a video each, or a few hundred images, found while others are done."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from yolo_fer.archive.sources import Job, Source, signature_of
from yolo_fer.errors import UnusedArgumentError, UsageError, YoloFerError
from yolo_fer.inputs.addresses import STDIN, camera_index, is_address, without_password
from yolo_fer.inputs.ffmpeg import import_av
from yolo_fer.inputs.file_kinds import FileKind, kind_of, kind_of_name
from yolo_fer.inputs.object_store import check_object_address, is_object, objects_below
from yolo_fer.inputs.walking import anchor_of, has_wildcard, matches_of, walk
from yolo_fer.paths import encoded, exists, resolved
from yolo_fer.reason_counts import ReasonCounts

_MOST_IMAGES, _FEWEST_IMAGES, _ENDS = 512, 64, 192
_KINDS = {FileKind.IMAGE: "image", FileKind.VIDEO: "video"}


@dataclass(slots=True)
class Plan:
    """The jobs of an archive; iterating finds them, so that memory does not grow with their number.

    Args:
        sources: files, folders (searched through links), patterns, and `s3://bucket/folder`.
        out: the folder of the results, in which nothing is looked for.

    Attributes:
        found: how many sources there are so far.
        digests: those of the jobs so far.
        unreadable: folders that could not be searched, as the user reads them.
        left_out: how many files are neither image nor video, by reason.

    Raises:
        UsageError: if a source is no file, or two of them overlap.
        YoloFerError: while iterating, if a folder or a pattern holds neither image nor video.
        MissingExtraError: while iterating, at the first video, if PyAV is missing.
    """

    sources: Sequence[str]
    out: Path
    found: int = 0
    digests: set[int] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)
    left_out: ReasonCounts = field(default_factory=ReasonCounts)

    def __post_init__(self) -> None:
        self.out = resolved(self.out)
        for source in self.sources:
            if not source:
                raise UsageError("a source is empty; give a file, a folder or a pattern")
            if is_object(source):
                check_object_address(source)
            elif source == STDIN or camera_index(source) is not None or is_address(source):
                raise UnusedArgumentError(
                    f"{without_password(source)}: an archive is of files; standard input, cameras "
                    "and addresses are predicted without `out`",
                    "out",
                )
        self._refuse_overlaps()

    @property
    def places(self) -> list[Path]:
        """The folders in which all of it is: what workers have to see."""
        named = [Path(source) for source in self.sources if not is_object(source)]
        return [path if _is_folder(path) else _anchor(path) for path in named]

    def check_there_is_something(self, resume: bool) -> None:
        """Make sure that there is something to predict, before earlier results are removed.

        Nothing is counted. Each folder and pattern is searched up to its first job.

        Args:
            resume: a folder that cannot be searched counts, since its results are kept then.

        Raises:
            YoloFerError: if a folder or a pattern holds neither, or nothing is there at all.
            MissingExtraError: if a video is among the first, and PyAV is missing.
        """
        found = [
            any(
                item.is_there or (resume and item.problem is not None)
                for job in Plan([source], self.out)
                for item in job.sources
            )
            for source in self.sources  # all of them, since any may be misspelt
        ]
        if not any(found):
            more = " and so on" if len(self.sources) > 1 else ""
            raise YoloFerError(
                f"{self.sources[0]}{more}: nothing is there that can be read, so the results in "
                f"{self.out} are kept; correct the names, or give another `out`"
            )

    def _refuse_overlaps(self) -> None:
        named = [source for source in self.sources if _is_folder(Path(source))]
        folders = {resolved(Path(source)): source for source in named}
        if len(folders) < len(named):
            raise UsageError("a folder is named twice; name it once")
        objects = [f"{source.rstrip('/')}/" for source in self.sources if is_object(source)]
        for (i, one), (j, other) in product(enumerate(objects), repeat=2):
            if i != j and other.startswith(one):
                raise UsageError(f"{other[:-1]} lies in {one[:-1]}; name one of them")
        for source in self.sources:
            if is_object(source):
                continue
            path = Path(source)
            around = resolved(path if exists(path) else _anchor(path) / "*").parents
            for folder in folders.keys() & set(around):
                raise UsageError(
                    f"{source} lies in {folders[folder]}, which is predicted as a whole; name one"
                )

    def __iter__(self) -> Iterator[Job]:
        """Yield the jobs, each folder sorted.

        Where one job of images ends and the next begins depends on the names near by, not on how
        many images there were before: one that is added to an archive changes a job or two.
        """
        images: list[Source] = []
        for source in self._find():
            self.found += 1
            if source.kind != "image":
                yield self._known(Job((source,)))
                continue
            images.append(source)
            ends = zlib.crc32(encoded(source.name)) % _ENDS == 0
            if len(images) >= _MOST_IMAGES or (ends and len(images) >= _FEWEST_IMAGES):
                yield self._known(Job(tuple(images)))
                images = []
        if images:
            yield self._known(Job(tuple(images)))

    def _known(self, job: Job) -> Job:
        self.digests.add(job.digest)
        if job.sources[0].kind == "video":
            import_av()
        return job

    def _find(self) -> Iterator[Source]:
        alone: set[Path] = set()  # named files and matches of patterns, which may be the same
        for source in self.sources:
            path = Path(source)
            if is_object(source):
                yield from self._objects(source)
            elif _is_folder(path):
                yield from self._below(source, path)
            elif not exists(path) and has_wildcard(source):
                yield from self._matches(source, alone)
            elif resolved(path) not in alone:
                alone.add(resolved(path))
                kind = "video" if kind_of(path) is FileKind.VIDEO else "image"
                yield _source(path, source, kind)

    def _below(self, source: str, folder: Path) -> Iterator[Source]:
        start = source.rstrip("/\\") or source
        separator = "" if start.endswith(("/", "\\")) else "/"
        unreadable: list[OSError] = []
        before = self.found

        def named(path: Path) -> str:
            below = path.relative_to(folder).as_posix()
            return start if below == "." else f"{start}{separator}{below}"

        for place, folders, files in walk(folder, unreadable=unreadable.append):
            folders[:] = [name for name in folders if resolved(place / name) != self.out]
            yield from self._unsearched(unreadable, named)
            for file in files:
                yield from self._media(place / file, named(place / file))
        yield from self._unsearched(unreadable, named)
        if self.found == before:
            raise YoloFerError(f"{source}: no image and no video in this folder")

    def _objects(self, source: str) -> Iterator[Source]:
        unreadable: list[OSError] = []
        before = self.found
        for item in objects_below(source, unreadable.append):
            yield from self._unlisted(unreadable)
            kind, name = kind_of_name(item.address), item.address
            if kind in _KINDS:
                signature = (item.size, item.changed_ns)
                yield Source(Path(name), name, _KINDS[kind], signature, is_object=True)
            else:
                self.left_out.note("named neither as an image nor as a video", name)
        yield from self._unlisted(unreadable)
        if self.found == before:
            raise YoloFerError(f"{source}: no image and no video is below this address")

    def _unlisted(self, errors: list[OSError]) -> Iterator[Source]:
        while errors:
            error = errors.pop(0)
            yield self._unreadable(Path(error.filename), error.filename, error.strerror)

    def _unsearched(self, errors: list[OSError], named: Callable[[Path], str]) -> Iterator[Source]:
        while errors:
            error = errors.pop(0)
            path = Path(str(error.filename))
            yield self._unreadable(path.absolute(), named(path), error.strerror)

    def _unreadable(self, path: Path, name: str, why: str | None) -> Source:
        self.unreadable.append(name)
        return Source(path, name, "folder", problem=f"cannot be searched ({why or 'unknown'})")

    def _matches(self, source: str, alone: set[Path]) -> Iterator[Source]:
        is_none = True
        for path in matches_of(source)[1]:
            if resolved(path).is_relative_to(self.out):
                continue
            for item in self._media(path, path.as_posix()):
                is_none = False
                if resolved(item.path) not in alone:
                    alone.add(resolved(item.path))
                    yield item
        if is_none:
            raise YoloFerError(f"{source}: no image and no video matches this pattern")

    def _media(self, path: Path, name: str) -> Iterator[Source]:
        kind = kind_of(path)
        if kind in _KINDS:
            yield _source(path, name, _KINDS[kind])
        else:
            why = "a folder, which ** searches" if path.is_dir() else kind.value
            self.left_out.note(why, name)


def _source(path: Path, name: str, kind: str) -> Source:
    return Source(path.absolute(), name, kind, signature_of(path))


def _is_folder(path: Path) -> bool:
    return exists(path) and path.is_dir()


def _anchor(path: Path) -> Path:
    """Return the folder of a file, or that up to the first wildcard of a pattern."""
    is_pattern = not exists(path) and has_wildcard(str(path))
    return anchor_of(str(path)) if is_pattern else path.parent
