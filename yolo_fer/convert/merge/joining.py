"""Which images of several sets belong together, and into which split each of them goes.

The rules, so that nothing that shows a test image is trained on:

1. Images belong together that one set put into one group, that come from the same file or were
   composed of crops of one group; and, unless they are frames of a video, those that have the same
   bytes or are near-duplicates.
2. All of them go to the highest split that any of them is in: test, then val, then train.
3. One look-alike does not move a whole video: a frame that is a near-duplicate of an image in a
   higher split is left out, and a single image that a higher frame shows goes to its split.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yolo_fer.dataset.converted_set import ManifestRow
from yolo_fer.dataset.duplicates import HASH_BYTES, NEAR, join, near_groups, nearest
from yolo_fer.dataset.ledger import SPLITS

Indices = NDArray[np.intp]


@dataclass(slots=True)
class Catalogue:
    """What is compared of every usable image of all sets, in their order; 60 bytes an image."""

    names: dict[int, str] = field(default_factory=dict)
    _ids: dict[str, int] = field(default_factory=dict)
    _hashes: bytearray = field(default_factory=bytearray)
    _group: array[int] = field(default_factory=lambda: array("l"))
    _set: array[int] = field(default_factory=lambda: array("l"))
    _rank: array[int] = field(default_factory=lambda: array("b"))
    _video: array[int] = field(default_factory=lambda: array("b"))
    _sha256: array[int] = field(default_factory=lambda: array("Q"))
    _source: array[int] = field(default_factory=lambda: array("Q"))
    _members: array[int] = field(default_factory=lambda: array("Q"))
    _scene: array[int] = field(default_factory=lambda: array("l"))

    def add(self, row: ManifestRow, number: int, group: str, phash: str) -> None:
        """Add an image.

        Args:
            row: the row of its manifest.
            number: the number of its set.
            group: name of its group, unique among all sets.
            phash: perceptual hash in hexadecimal.
        """
        if group not in self._ids:
            self._ids[group] = len(self._ids)
            self.names[self._ids[group]] = group
        for member in row.members:
            self._scene.append(len(self._group))
            self._members.append(self._ids.setdefault(f"member {member}", len(self._ids)))
        self._hashes += bytes.fromhex(phash)
        self._group.append(self._ids[group])
        self._set.append(number)
        self._rank.append(SPLITS.index(row.split))
        self._video.append(row.frame is not None)
        # 64 bits of a sha256 are enough to tell files apart that nobody forges
        self._sha256.append(int(row.sha256[:16], 16))
        self._source.append(int(row.source_sha256[:16] or row.sha256[:16], 16))

    @property
    def hashes(self) -> NDArray[np.uint8]:
        """Perceptual hashes (N, 32)."""
        return np.frombuffer(self._hashes, np.uint8).reshape(-1, HASH_BYTES)

    @property
    def ranks(self) -> Indices:
        """Splits (N,): 0 train, 1 val, 2 test."""
        return np.array(self._rank, dtype=np.intp)

    @property
    def video(self) -> NDArray[np.bool_]:
        """Which images are frames of a video, (N,)."""
        return np.array(self._video, dtype=bool)

    @property
    def groups(self) -> Indices:
        """Keys of `names`, (N,)."""
        return np.array(self._group, dtype=np.intp)

    def sha256(self, image: int) -> str:
        """Return the first 16 digits of an image's sha256."""
        return f"{self._sha256[image]:016x}"

    def ties(self) -> list[tuple[Indices, NDArray[np.uint64]]]:
        """Return what puts images together without looking at them: images, and a key of each.

        A source file that one set took for several groups, such as a table of faces, says nothing.
        """
        everyone = np.arange(len(self._rank), dtype=np.intp)
        groups = np.array(self._group, dtype=np.uint64)
        still, files = np.flatnonzero(~self.video), np.array(self._sha256, dtype=np.uint64)
        source = np.array(self._source, dtype=np.uint64)
        sets = np.array(self._set, dtype=np.uint64)
        in_groups = np.unique(np.stack([sets, source, groups], axis=1), axis=0)
        of_set, times = np.unique(in_groups[:, :2], axis=0, return_counts=True)
        telling = np.flatnonzero(~np.isin(source, of_set[times > 1, 1]))
        scenes = np.array(self._scene, dtype=np.intp)
        members = np.array(self._members, dtype=np.uint64)
        return [
            (everyone, groups),
            (still, files[still]),
            (telling, source[telling]),
            (scenes, members),
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """What becomes of each image.

    Args:
        ranks: (N,) the split that it goes to: 0 train, 1 val, 2 test.
        groups: (N,) its group's name.
        shown_by: (N,) for a frame to leave out the image of a higher split that shows the same, -1
            for all others.
    """

    ranks: Indices
    groups: list[str]
    shown_by: Indices


def join_sets(catalogue: Catalogue) -> Joined:
    """Apply the rules at the top of this module."""
    hashes, video = catalogue.hashes, catalogue.video
    together = _together(catalogue)
    highest = np.zeros(len(together), dtype=np.intp)
    np.maximum.at(highest, together, catalogue.ranks)
    # A group that goes up may hold frames that show further images: until nothing moves.
    while _raise_by_frames(hashes, video, together, highest):
        pass
    ranks = highest[together]
    shown_by = np.full(len(ranks), -1, dtype=np.intp)
    for low, high in ((0, 2), (0, 1), (1, 2)):
        frames, others = np.flatnonzero(video & (ranks == low)), np.flatnonzero(ranks == high)
        found, bits = nearest(hashes[frames], hashes[others])
        near = bits <= NEAR
        shown_by[frames[near]] = others[found[near]]
    return Joined(ranks, _group_names(catalogue, together), shown_by)


def _together(catalogue: Catalogue) -> Indices:
    """Return for each image the smallest index among those that it belongs together with."""
    together = np.arange(len(catalogue.ranks), dtype=np.intp)
    for images, keys in catalogue.ties():
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        together = join(together, images, images[first[inverse]])
    still = np.flatnonzero(~catalogue.video)
    near = near_groups([item.tobytes() for item in catalogue.hashes[still]])
    return join(together, still, still[near])


def _raise_by_frames(
    hashes: NDArray[np.uint8], video: NDArray[np.bool_], together: Indices, highest: Indices
) -> bool:
    """Raise the groups of single images that a frame of a higher split shows; tell if any was."""
    raised = False
    for rank in (2, 1):
        ranks = highest[together]
        frames = np.flatnonzero(video & (ranks == rank))
        still = np.flatnonzero(~video & (ranks < rank))
        _, bits = nearest(hashes[still], hashes[frames])
        near = still[bits <= NEAR]
        highest[together[near]] = rank
        raised |= bool(near.size)
    return raised


def _group_names(catalogue: Catalogue, together: Indices) -> list[str]:
    """Return the name of each image's group: the first of the names that came together."""
    pairs = np.unique(np.stack([together, catalogue.groups], axis=1), axis=0)
    joined: dict[int, list[str]] = defaultdict(list)
    for root, group in pairs.tolist():
        joined[root].append(catalogue.names[group])
    name = {root: min(names) for root, names in joined.items()}
    return [name[root] for root in together.tolist()]
