"""Reading a data.yaml: which classes it has and which images belong to a split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolo_fer.dataset.checked import whole_number
from yolo_fer.emotions import Emotion, match_class_names
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images.formats import SUFFIXES
from yolo_fer.inputs.file_kinds import is_image
from yolo_fer.inputs.walking import files_below
from yolo_fer.paths import exists, resolved
from yolo_fer.runtime.json_yaml import read_yaml


@dataclass(frozen=True, slots=True)
class DataYaml:
    """A dataset description, written by yolo-fer or any other that Ultralytics takes.

    Args:
        path: the path of the YAML file.
        root: the folder from which the splits are named.
        emotions: the emotion of each class id.
        foreign: the ids of the other classes, with their names.
        splits: the folders, lists or images of each split, by name.
    """

    path: Path
    root: Path
    emotions: dict[int, Emotion]
    foreign: dict[int, str]
    splits: dict[str, tuple[str, ...]]

    def image_files(self, split: str) -> list[Path]:
        """Return the images of a split, sorted; a file that a list names may be missing.

        Raises:
            UsageError: if there is no such split.
            YoloFerError: if its folder or list is missing, or it has no image.
        """
        if split not in self.splits:
            have = ", ".join(self.splits) or "none"
            raise UsageError(
                f"{self.path} has no split '{split}'; it has {have}. Choose with `split`"
            )
        files = {f for entry in self.splits[split] for f in images_of(self._locate(entry))}
        if not files:
            raise YoloFerError(
                f"{self.path}: no image in {', '.join(self.splits[split])} (split '{split}')"
            )
        return sorted(files)

    def _locate(self, entry: str) -> Path:
        # Ultralytics forgives the "../" that Roboflow writes in front of every split.
        for candidate in (self.root / entry, self.root / entry.removeprefix("../")):
            if exists(candidate):
                return candidate
        raise YoloFerError(
            f"{self.path}: {self.root / entry} does not exist{_about_missing(entry)}. Splits are "
            "named from `path`, or from the folder of the YAML file if it has no `path`"
        )


def data_yaml_of(place: Path) -> Path:
    """Return the data.yaml of a folder; what is no folder is one itself.

    Raises:
        UsageError: if the folder has none.
    """
    if not place.is_dir():
        return place
    if not (place / "data.yaml").is_file():
        raise UsageError(
            f"{place} has no data.yaml; give the folder that `yolo-fer convert` wrote, or the .yaml"
        )
    return place / "data.yaml"


def read_data_yaml(path: Path) -> DataYaml:
    """Read a data.yaml.

    As in Ultralytics, a relative `path` counts from the current directory, and without `path` the
    YAML's own folder is the root. If no split lies there, `path` counts from the YAML's folder,
    which is what most people who write `path: .` mean.

    Raises:
        YoloFerError: if it cannot be read, or none of its classes names an emotion.
    """
    try:
        content = read_yaml(path)
    except OSError as error:
        raise YoloFerError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise YoloFerError(f"{path} is not a YAML file: {error}") from error
    if not isinstance(content, dict) or not content.get("names"):
        raise YoloFerError(f"{path} is not a YOLO data.yaml: it has no `names`")
    names = _class_names(path, content["names"])
    try:
        emotions, _ = match_class_names(names)
    except YoloFerError as error:
        raise YoloFerError(f"{path}: {error}") from error
    foreign = {class_id: name for class_id, name in names.items() if class_id not in emotions}
    splits = _splits(path, content)
    return DataYaml(path, _root(path, content.get("path"), splits), emotions, foreign, splits)


def missing_image(path: Path) -> str:
    """Return which image is missing, and what is probably wrong with how it was written."""
    return f"{path} does not exist{_about_missing(str(path))}"


def _about_missing(entry: str) -> str:
    if "\\" in entry:
        return " (write / where it has Windows' backslashes)"
    if Path(entry).is_absolute():
        return " (is this a path of another machine? Write it from the folder of the data.yaml)"
    return ""


def images_of(path: Path) -> Iterator[Path]:
    """Yield the images that an entry of a split stands for: a folder, an image or a list of them.

    Raises:
        YoloFerError: if a list cannot be read.
    """
    if path.is_dir():
        yield from filter(is_image, files_below(path))
    elif path.suffix.lower() in SUFFIXES:
        yield path
    else:
        yield from _listed(path)


def _class_names(path: Path, names: Any) -> dict[int, str]:
    try:
        pairs = names if isinstance(names, Mapping) else dict(enumerate(names))
        return {whole_number(class_id): str(name) for class_id, name in pairs.items()}
    except (TypeError, ValueError) as error:
        raise YoloFerError(f"{path}: `names` must map class ids to names ({error})") from error


def _root(path: Path, given: Any, splits: Mapping[str, tuple[str, ...]]) -> Path:
    own = resolved(path).parent
    if not given:
        return own
    candidates = (Path.cwd() / str(given), own / str(given))
    for root in candidates:
        if any(exists(root / entry) for entries in splits.values() for entry in entries):
            return resolved(root)
    raise YoloFerError(
        f"{path}: no split lies under its `path: {given}`, looked for in "
        f"{' and '.join(dict.fromkeys(map(str, candidates)))}. Correct it, or remove the line "
        "if the images lie next to the YAML file" + _about_missing(str(given))
    )


def _splits(path: Path, content: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    splits = {}
    for key, split in (("train", "train"), ("validation", "val"), ("val", "val"), ("test", "test")):
        value = content.get(key)
        if not value:
            continue
        entries = [value] if isinstance(value, str) else value
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise YoloFerError(f"{path}: '{key}' must be a path or a list of paths")
        splits[split] = tuple(entries)
    return splits


def _listed(path: Path) -> Iterator[Path]:
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    except OSError as error:
        raise YoloFerError(f"{path} is not a list of image files: {error}") from error
    for line in filter(None, map(str.strip, lines)):
        # As in Ultralytics: "./" is the list's folder, any other relative path the current one's.
        yield path.parent / line if line.startswith("./") else Path(line)
