"""Composing face crops into scenes, because a crop that fills its image teaches no detector.

A scene shows one to fourteen crops at many sizes, slightly turned, mirrored and of other
brightness. What is around a crop goes on and fades into a background that shows no face: a drawn
place, clouds of noise, or enlarged pieces of the crops themselves, upside down and blurred or in
blocks. Among the faces lie decoys: crops in shuffled tiles, so that neither the outline nor the
texture of a patch shows that it is a face. Everything depends on the seed and on the crops alone.

Groups. Crops are assigned to the splits by their own groups (copies, near-duplicates, persons), and
only then to scenes, so a scene holds crops of one split. Whole groups are put together into
*blocks* until a block has enough faces and persons for a scene; a large block becomes several
scenes. No group is in two blocks. So a scene's `group` in the manifest is its block: what is
resampled together when an interval is computed, and what must not be shared between splits. Its
flags list the groups of its members, `members:GROUP+GROUP+…`, one for each line of the label file
in order, so that the manifest alone shows that no group of a member is in two splits. `source_file`
lists where the members come from, separated by `|`, and `source_sha256` is the hash of their
hashes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from yolo_fer import boxes, images
from yolo_fer.convert.crops import AssignedCrop, Crop
from yolo_fer.convert.rules import BoxConvention
from yolo_fer.convert.scenes.layout import SceneLayout, lay_out
from yolo_fer.convert.scenes.painting import paint_scene
from yolo_fer.convert.votes import votes_flag
from yolo_fer.dataset.converted_set import MEMBERS
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.dataset.samples import Box, Face, Sample, box_array
from yolo_fer.errors import UsageError
from yolo_fer.paths import encoded

DEFAULT_LONG_SIDE, _LEAST_LONG_SIDE = 416, 160
_MOST_FACES = 14
_LEAST_GROUPS = 4  # in a block with several crops of a group: a scene shows several persons
FLAG = "scene"


def check_long_side(long_side: int) -> None:
    """Raise a `UsageError` if scenes of this longer side, in pixels, have no room for faces."""
    if long_side < _LEAST_LONG_SIDE:
        raise UsageError(f"`long_side` is {long_side}; give at least {_LEAST_LONG_SIDE} pixels")


@dataclass(frozen=True, slots=True)
class SceneTask:
    """A scene to be painted and written.

    Args:
        sample: the image that is written, with its faces.
        crops: the crops that are its members.
        layout: the places of the crops in the scene.
        seed: the seed of what the layout leaves open.
    """

    sample: Sample
    crops: tuple[Crop, ...]
    layout: SceneLayout
    seed: int

    @property
    def recipe(self) -> str:
        """The hashes of the crops, in the sample, and how and where they are painted."""
        crops = [(crop.box, crop.width, crop.height) for crop in self.crops]
        return repr((self.sample, crops, self.layout, self.seed))

    def jpeg(self) -> bytes:
        """Return the scene's JPEG file, the same bytes each time."""
        pixels = [crop.load() for crop in self.crops]
        rng = np.random.default_rng(self.seed)
        return images.encode_jpeg(paint_scene(self.crops, pixels, self.layout, rng))


def compose(
    source: str,
    crops: Sequence[AssignedCrop],
    *,
    seed: int,
    convention: BoxConvention,
    long_side: int = DEFAULT_LONG_SIDE,
) -> list[SceneTask]:
    """Plan the scenes of all crops of a conversion; each crop is in exactly one.

    Args:
        source: the name of the dataset.
        crops: the crops, with the group and the split of each.
        seed: the seed of all random choices.
        convention: the box convention of the set.
        long_side: the long side of a scene in pixels.

    Returns:
        The scenes, sorted by split and name.
    """
    by_split: dict[str, list[AssignedCrop]] = defaultdict(list)
    for crop in crops:
        by_split[crop.assigned.split].append(crop)
    tasks: list[SceneTask] = []
    for split in sorted(SPLITS):
        for block in _blocks(by_split[split], seed):
            group = _block_name(block)
            for members in _share_out(block, seed):
                for fitting, layout, own_seed in _lay_out(members, seed, long_side):
                    name = f"{source}_scene_{len(tasks) + 1:06d}"
                    sample = _sample(source, name, group, fitting, layout, convention)
                    crops_of_scene = tuple(member.crop for member in fitting)
                    tasks.append(SceneTask(sample, crops_of_scene, layout, own_seed))
    return tasks


def _blocks(crops: Sequence[AssignedCrop], seed: int) -> Iterator[list[AssignedCrop]]:
    """Put whole groups together, in the order of a hash, until they are enough for a scene."""
    groups: dict[str, list[AssignedCrop]] = defaultdict(list)
    for crop in crops:
        groups[crop.assigned.group].append(crop)
    block: list[AssignedCrop] = []
    count = 0
    for group in sorted(groups, key=lambda group: _number(seed, "order", group)):
        if not block:
            wanted = _faces_wanted(np.random.default_rng(_number(seed, "faces", group)))
            count = 0
        block += groups[group]
        count += 1
        repeated = len(block) > count
        if len(block) >= wanted and count >= (_LEAST_GROUPS if repeated else 1):
            yield block
            block = []
    if block:
        yield block


def _faces_wanted(rng: np.random.Generator) -> int:
    """Draw how many faces a scene has: few rather than many, as in photographs; 4.6 on average."""
    return int(np.clip(round(float(np.exp(rng.normal(1.3, 0.7)))), 1, _MOST_FACES))


def _block_name(block: Sequence[AssignedCrop]) -> str:
    return _digest(*sorted({crop.assigned.group for crop in block}))[:16]


def _share_out(block: Sequence[AssignedCrop], seed: int) -> list[list[AssignedCrop]]:
    """Cut a block into scenes of like size, the crops of each group spread over them."""
    wanted = _faces_wanted(np.random.default_rng(_number(seed, "size", _block_name(block))))
    groups = len({crop.assigned.group for crop in block})
    scenes = -(-len(block) // max(wanted, min(groups, _MOST_FACES)))
    return [list(block[first::scenes]) for first in range(scenes)]


def _lay_out(
    members: Sequence[AssignedCrop], seed: int, long_side: int
) -> Iterator[tuple[Sequence[AssignedCrop], SceneLayout, int]]:
    """Yield the layout of a scene, or of several where all members have no room in one."""
    own_seed = _number(seed, "scene", _digest_of(members))
    crops = [member.crop for member in members]
    layout = lay_out(crops, np.random.default_rng([own_seed, 0]), long_side)
    if layout is not None:
        yield members, layout, own_seed
        return
    half = len(members) // 2
    for part in (members[:half], members[half:]):
        yield from _lay_out(part, seed, long_side)


def _sample(
    source: str,
    name: str,
    group: str,
    members: Sequence[AssignedCrop],
    layout: SceneLayout,
    convention: BoxConvention,
) -> Sample:
    crops = [member.crop for member in members]
    whole = convention.from_expw(box_array(place.box for place in layout.faces))
    written = boxes.clip(whole, layout.width, layout.height).tolist()
    groups = "+".join(member.assigned.group for member in members)
    return Sample(
        name=name,
        source=source,
        source_file="|".join(crop.source_file for crop in crops),
        source_sha256=_digest_of(members),
        frame=None,
        width=layout.width,
        height=layout.height,
        faces=tuple(Face(Box(*b), crop.emotion) for b, crop in zip(written, crops, strict=True)),
        group=group,
        split=members[0].assigned.split,
        flags=(FLAG, MEMBERS + groups, *votes_flag([(crop.emotion, crop.votes) for crop in crops])),
    )


def _digest_of(members: Sequence[AssignedCrop]) -> str:
    return _digest(*(member.crop.candidate.sha256 for member in members))


def _digest(*parts: str) -> str:
    return hashlib.sha256(encoded("|".join(parts))).hexdigest()


def _number(seed: int, *parts: str) -> int:
    return int(_digest(str(seed), *parts)[:15], 16)
