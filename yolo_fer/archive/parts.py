"""The folder of an archive's results: files of one name for each job, and what is done.

```
DIR/faces/NAME.parquet       a row per face; the only files that readers of DIR see
DIR/_sources/NAME.csv        the ledger: a row per source; written last, so that it ends a job
DIR/_tracks/NAME.csv         a row per followed face of a video
DIR/_timelines/NAME.png      its faces over time
DIR/_run.json                what all of it was made with, and the account
```
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from yolo_fer.archive.account import SOURCE_COLUMNS, Account, SourceRow
from yolo_fer.errors import ExclusiveArgumentsError, FileFault, UsageError, YoloFerError
from yolo_fer.files import write_atomically
from yolo_fer.outputs.face_table import TableFormat
from yolo_fer.outputs.sink import writing
from yolo_fer.runtime.folder_lock import holds_something

RUN_FILE = "_run.json"
FACES, SOURCES, TRACKS, TIMELINES = "faces", "_sources", "_tracks", "_timelines"
_ALL = (FACES, SOURCES, TRACKS, TIMELINES)
_MARKS = ".tries"
_AGAIN = "-again"
"""Ends the name of a job that is done again with `resume`, since what failed may go well then."""

_digits = re.compile(rf"-([0-9a-f]{{16}})(?:{_AGAIN})?\.\w+$").search
_PASSING = frozenset(
    {
        FileFault.WORKER_DIED,
        FileFault.UNREADABLE_IMAGE,
        FileFault.UNREADABLE_VIDEO,
        FileFault.UNREADABLE_FOLDER,
    }
)


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of an archive's results.

    Args:
        out: their folder, an absolute path.
        table_format: what the table of faces is written as.
    """

    out: Path
    table_format: TableFormat

    @property
    def run_file(self) -> Path:
        """The file that says how the results were made."""
        return self.out / RUN_FILE

    def make_folders(self, *others: str) -> None:
        """Make the folders that there always are, and others of them.

        Raises:
            YoloFerError: if they cannot be made.
        """
        for name in (FACES, SOURCES, _MARKS, *others):
            with writing(self.out / name):
                (self.out / name).mkdir(parents=True, exist_ok=True)

    def faces(self, name: str) -> Path:
        """Return the file of a job's faces."""
        return self.out / FACES / f"{name}.{self.table_format}"

    def tracks(self, name: str) -> Path:
        """Return the file of a job's followed faces."""
        return self.out / TRACKS / f"{name}.csv"

    def timeline(self, name: str) -> Path:
        """Return the picture of a job's followed faces."""
        return self.out / TIMELINES / f"{name}.png"

    def marks(self, name: str) -> Path:
        """Return the file in which workers write what they are at; see `Tries`."""
        return self.out / _MARKS / name

    def is_done(self, name: str) -> bool:
        """Tell whether a job is done, and nothing of it can go better now."""
        return self._ledger(name).exists()

    def finish_job(self, name: str, rows: Sequence[SourceRow]) -> None:
        """Write the ledger of a job whose other files are there; from then on it is done.

        Raises:
            YoloFerError: if it cannot be written.
        """
        again = f"{name}{_AGAIN}"
        is_final = not any(row.error in _PASSING for row in rows)
        kept, other = (name, again) if is_final else (again, name)
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(SOURCE_COLUMNS)
        for row in rows:
            table.writerow(row.to_cells())
        self._ledger(other).unlink(missing_ok=True)
        with writing(self._ledger(kept)):
            write_atomically(self._ledger(kept), text.getvalue().encode())
        self.marks(name).unlink(missing_ok=True)

    def _ledger(self, name: str) -> Path:
        return self.out / SOURCES / f"{name}.csv"

    def account(self) -> Account:
        """Read the whole ledger."""
        account = Account()
        for row in self.rows():
            account.add(row)
        return account

    def rows(self) -> Iterator[SourceRow]:
        """Read the rows of the ledger, a file after the other.

        Raises:
            YoloFerError: if one of them is damaged.
        """
        for name in sorted(self._names(SOURCES)):
            path = self.out / SOURCES / name
            try:
                with path.open(encoding="utf-8", newline="") as file:
                    rows = [SourceRow.of_cells(cells) for cells in csv.DictReader(file)]
                if not rows:
                    raise ValueError("it has no row")
            except (ValueError, KeyError, TypeError, csv.Error) as error:
                raise YoloFerError(
                    f"{path} is damaged ({error}); remove it, and run the same command with "
                    "`resume`: its sources are predicted again"
                ) from error
            yield from rows

    def _names(self, folder: str) -> Iterator[str]:
        """Yield the names of a folder's files; as paths, a million would take half a GB."""
        with suppress(FileNotFoundError), os.scandir(self.out / folder) as entries:
            yield from (entry.name for entry in entries if _digits(entry.name))

    def remove(self) -> None:
        """Remove all results that are there; the file by which they are known goes last."""
        for name in (*_ALL, _MARKS):
            folder = self.out / name
            if folder.is_symlink():
                folder.unlink()  # and what it leads to stays
            elif folder.exists():
                shutil.rmtree(folder)
        self.run_file.unlink(missing_ok=True)

    def forget_tries(self) -> None:
        """Remove what an earlier run left half done."""
        for name in (*_ALL, _MARKS):
            for path in (self.out / name).glob("*" if name == _MARKS else ".*"):
                path.unlink(missing_ok=True)

    def clean_up(self) -> None:
        """Remove what only running jobs need."""
        self.forget_tries()
        with suppress(OSError):  # a worker of a scheduler that died may still be at it
            (self.out / _MARKS).rmdir()

    def superseded(self, digests: set[int]) -> list[Path]:
        """Return the files of jobs that there are no more: their sources changed or went away."""
        return sorted(
            self.out / folder / name
            for folder in _ALL
            for name in self._names(folder)
            if (digits := _digits(name)) and int(digits[1], 16) not in digests
        )


def open_folder(out: Path, *, resume: bool, overwrite: bool) -> None:
    """Make sure that the results of an archive may be written to a folder.

    Args:
        out: the folder.
        resume: it may hold results of the same archive.
        overwrite: it may hold results of any archive.

    Raises:
        UsageError: if there is something else, or something that may not be replaced.
    """
    if resume and overwrite:
        raise ExclusiveArgumentsError(
            "`resume` goes on and `overwrite` begins anew; give one of them", "resume", "overwrite"
        )
    if out.exists() and not out.is_dir():
        raise UsageError(f"`out={out}` is a file; give the name of a folder")
    if not out.exists() or not holds_something(out):
        return
    if not (out / RUN_FILE).exists():
        raise UsageError(
            f"`out={out}` is not an empty folder, nor the results of an archive; give another one"
        )
    if not (resume or overwrite):
        raise UsageError(
            f"`out={out}` holds the results of an archive; add `resume` to go on with them, or "
            "`overwrite` to begin anew"
        )
