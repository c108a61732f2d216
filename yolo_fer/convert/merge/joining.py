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

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolo_fer.dataset.converted_set import ManifestRow
from yolo_fer.dataset.duplicates import HASH_BYTES, join
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.dataset.near_index import NearIndex, near_groups

Indices = NDArray[np.intp]


_IMAGE = np.dtype(
    [
        ("phash", np.uint8, (HASH_BYTES,)),
        ("group", np.int64),
        ("set", np.int64),
        ("rank", np.int8),
        ("is_frame", np.bool_),
        ("sha256", np.uint64),
        ("source", np.uint64),
    ]
)
_MEMBER = np.dtype([("scene", np.int64), ("member", np.uint64)])


class Catalogue:
    """What is compared of every usable image of all sets, in their order; 66 bytes an image.

    Attributes:
        names: the name of each group, by its id.
    """

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self._ids: dict[str, int] = {}
        self._count = 0
        self._images = bytearray()  # grows without a copy of what is there, unlike an array
        self._members = bytearray()

    def add(self, row: ManifestRow, number: int, group: str, phash: str) -> None:
        """Add an image.

        Args:
            row: the row of its manifest.
            number: the number of its set.
            group: name of its group, unique among all sets.
            phash: the perceptual hash, in hexadecimal.
        """
        if group not in self._ids:
            self._ids[group] = len(self._ids)
            self.names[self._ids[group]] = group
        for member in row.members:
            key = self._ids.setdefault(f"member {member}", len(self._ids))
            self._members += np.array((self._count, key), _MEMBER).tobytes()
        # 64 bits of a sha256 are enough to distinguish files that are not forged
        image = (
            np.frombuffer(bytes.fromhex(phash), np.uint8),
            self._ids[group],
            number,
            SPLITS.index(row.split),
            row.frame is not None,
            int(row.sha256[:16], 16),
            int(row.source_sha256[:16] or row.sha256[:16], 16),
        )
        self._images += np.array(image, _IMAGE).tobytes()
        self._count += 1

    @property
    def images(self) -> NDArray[np.void]:
        """The images (N,): their `phash`, `group`, `set`, `rank`, and so on.

        The rank is that of the split: 0 train, 1 val, 2 test.
        """
        return np.frombuffer(self._images, _IMAGE)

    def sha256(self, image: int) -> str:
        """Return the first 16 digits of an image's sha256."""
        return f"{self.images[image]['sha256']:016x}"

    def ties(self) -> list[tuple[Indices, NDArray[np.uint64]]]:
        """Return what puts images together without looking at them: images, and a key of each.

        A source file that one set took for several groups, such as a table of faces, says nothing.
        """
        images, members = self.images, np.frombuffer(self._members, _MEMBER)
        in_groups = np.unique(images[["set", "source", "group"]])
        of_set, times = np.unique(in_groups[["set", "source"]], return_counts=True)
        everyone = np.arange(len(images), dtype=np.intp)
        still = np.flatnonzero(~images["is_frame"])
        telling = np.flatnonzero(~np.isin(images["source"], of_set["source"][times > 1]))
        return [
            (everyone, images["group"].astype(np.uint64)),
            (still, images["sha256"][still]),
            (telling, images["source"][telling]),
            (members["scene"].astype(np.intp), members["member"].copy()),
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """What becomes of each image.

    Args:
        ranks: (N,) the split that it goes to: 0 train, 1 val, 2 test.
        groups: (N,) the name of the group of each image.
        shown_by: (N,) for a frame to leave out, the index of the image of a higher split that shows
            the same; -1 for all others.
    """

    ranks: Indices
    groups: list[str]
    shown_by: Indices


def join_sets(catalogue: Catalogue) -> Joined:
    """Apply the rules at the top of this module."""
    hashes, is_frame = catalogue.images["phash"], catalogue.images["is_frame"]
    together = _together(catalogue)
    highest = np.zeros(len(together), dtype=np.intp)
    np.maximum.at(highest, together, catalogue.images["rank"])
    # A group that goes up may hold frames that show further images: until nothing moves.
    while _raise_by_frames(hashes, is_frame, together, highest):
        pass
    ranks = highest[together]
    shown_by = np.full(len(ranks), -1, dtype=np.intp)
    for low, high in ((0, 2), (0, 1), (1, 2)):
        frames, others = np.flatnonzero(is_frame & (ranks == low)), np.flatnonzero(ranks == high)
        found, _ = NearIndex.of(hashes[others]).nearest(hashes[frames])
        near = found >= 0
        shown_by[frames[near]] = others[found[near]]
    return Joined(ranks, _group_names(catalogue, together), shown_by)


def _together(catalogue: Catalogue) -> Indices:
    """Return for each image the smallest index among those that it belongs together with."""
    images = catalogue.images
    together = np.arange(len(images), dtype=np.intp)
    for tied, keys in catalogue.ties():
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        together = join(together, tied, tied[first[inverse]])
    still = np.flatnonzero(~images["is_frame"])
    near = near_groups(images["phash"][still])
    return join(together, still, still[near])


def _raise_by_frames(
    hashes: NDArray[np.uint8], is_frame: NDArray[np.bool_], together: Indices, highest: Indices
) -> bool:
    """Raise the groups of single images that a frame of a higher split shows; return if any was."""
    raised = False
    for rank in (2, 1):
        ranks = highest[together]
        frames = np.flatnonzero(is_frame & (ranks == rank))
        still = np.flatnonzero(~is_frame & (ranks < rank))
        near = still[NearIndex.of(hashes[frames]).near_any(hashes[still])]
        highest[together[near]] = rank
        raised |= bool(near.size)
    return raised


def _group_names(catalogue: Catalogue, together: Indices) -> list[str]:
    """Return the name of each image's group: the first of the names that came together."""
    pairs = np.unique(np.stack([together, catalogue.images["group"]], axis=1), axis=0)
    joined: dict[int, list[str]] = defaultdict(list)
    for root, group in pairs.tolist():
        joined[root].append(catalogue.names[group])
    name = {root: min(names) for root, names in joined.items()}
    return [name[root] for root in together.tolist()]
