"""Which run folder of Ultralytics a training goes on in, and the note that tells it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from yolo_fer.detector.torch_network import load_checkpoint
from yolo_fer.errors import YoloFerError
from yolo_fer.paths import resolved
from yolo_fer.runtime.json_yaml import read_json

_NOTE = "yolo_fer.json"


@dataclass(frozen=True, slots=True)
class RunNote:
    """What Ultralytics' args.yaml does not say of a run.

    Args:
        recipe: as in `TrainOptions`.
        data: the absolute path of the data.yaml.
    """

    recipe: str | None
    data: str

    def write(self, folder: Path) -> None:
        """Write it into a run folder."""
        (folder / _NOTE).write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> RunNote | None:
        """Read that of a run folder; one that is damaged is nobody's to go on with."""
        try:
            return cls(**read_json(folder / _NOTE))
        except (OSError, TypeError, ValueError):
            return None


def newest_unfinished(project: Path, data: Path) -> tuple[Path, RunNote]:
    """Return last.pt of the newest run on the data whose training has not come to its end.

    Args:
        project: the folder that holds the run folders.
        data: the data.yaml.

    Raises:
        YoloFerError: if there is none.
    """
    notes = sorted(project.glob(f"*/{_NOTE}"), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in (path.parent for path in notes):
        last, note = folder / "weights" / "last.pt", RunNote.read(folder)
        if note is None or note.data != str(resolved(data)) or not last.is_file():
            continue
        # Ultralytics sets the epoch of a finished run to -1.
        if load_checkpoint(last)["epoch"] >= 0:
            return last, note
    raise YoloFerError(
        f"{project} holds no unfinished run on {data} that saved an epoch; train without `resume`"
    )
