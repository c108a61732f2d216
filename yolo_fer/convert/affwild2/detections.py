"""The faces that were found in the frames of a video, kept for later conversions."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolo_fer.convert.scan import FinderChoice
from yolo_fer.files import write_atomically
from yolo_fer.weights.store import cache_folder

_DECIMALS = 2  # of a pixel; a box is the same whether it was just found or kept


def default_cache() -> Path:
    """Return the folder in which found faces are kept unless a user names another one."""
    return cache_folder() / "detections"


def rounded(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, 4) boxes with the decimals that are kept."""
    return np.asarray(boxes.astype(np.float64).round(_DECIMALS))


@dataclass(slots=True)
class StoredDetections:
    """The faces of one video's frames, as one finder found them.

    The file is named by the contents of the video and all that decides what is found, so it serves
    every conversion with any stride and either box convention. It is replaced as a whole: a
    reader finds the old one or the new one while another process writes it.

    Args:
        path: the path of the file.
        boxes: the boxes of each frame, (N, 4) in pixels and in the finder's own convention.
        problems: the reasons why the file could not be written; its faces are then searched for
            again another time.
        unsaved: the number of frames that are not in the file yet.
    """

    path: Path
    boxes: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unsaved: int = 0

    @classmethod
    def load(cls, cache: Path, video_sha256: str, finder: FinderChoice) -> StoredDetections:
        """Read what is known of a video; a file that is missing or damaged is an empty one."""
        weights = finder.load().weights_sha256[:8]
        margin = "-margin" if finder.margin else ""
        folder = cache / f"{finder.name}-{weights}-{finder.threshold:g}{margin}"
        path = folder / video_sha256[:2] / f"{video_sha256}.npz"
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
                frames, counts = kept["frames"], kept["counts"]
                boxes = rounded(kept["boxes"].reshape(-1, 4))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return cls(path)
        if len(frames) != len(counts) or counts.sum() != len(boxes):
            return cls(path)
        parts = np.split(boxes, np.cumsum(counts)[:-1]) if len(frames) else []
        return cls(path, dict(zip(frames.tolist(), parts, strict=True)))

    def add(self, frame: int, boxes: NDArray[np.float64]) -> None:
        """Add the faces of a frame that was searched just now."""
        self.boxes[frame] = rounded(boxes)
        self.unsaved += 1

    def keep(self, least: int = 1) -> None:
        """Write the file if it lacks at least so many frames."""
        if self.unsaved < least:
            return
        self.unsaved = 0
        try:
            self._save()
        except OSError as error:
            problem = f"found faces cannot be kept for another time: {error.strerror or error}"
            if problem not in self.problems:
                self.problems.append(problem)

    def _save(self) -> None:
        frames = sorted(self.boxes)
        boxes = [self.boxes[frame] for frame in frames]
        data = io.BytesIO()
        np.savez_compressed(
            data,
            frames=np.array(frames, dtype=np.int64),
            counts=np.array([len(b) for b in boxes], dtype=np.int64),
            boxes=np.concatenate([*boxes, np.zeros((0, 4))]).astype(np.float32),
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, data.getvalue())
