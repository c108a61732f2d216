"""Which figures rest on so few faces, or so few people, that they say little."""

from __future__ import annotations

from collections import Counter, defaultdict

from yolo_fer.dataset.labels import IGNORED
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.observations import Observations

FEW = 50
"""Where there are fewer labelled faces, each of them is more than 2 % of a figure."""


def about_few_faces(seen: Observations) -> tuple[str, ...]:
    """Tell of the emotions and sources with fewer labelled faces than `FEW`, or with one group.

    A group of manifest.csv is a person, a video, or images that look alike. Without a manifest
    nobody knows who is who, and each image is its own group. What has a single face is few, and
    not told twice.
    """
    parts: dict[str, Counter[str]] = defaultdict(Counter)  # how many faces of each group
    sources = {image.source for image in seen.images}
    for emotion, number in zip(seen.truth_emotions, seen.truth_image, strict=True):
        if emotion == IGNORED:
            continue
        image = seen.images[number]
        parts[Emotion(int(emotion)).label][image.group] += 1
        if len(sources) > 1:
            parts[f"the source {image.source or '(none)'}"][image.group] += 1
    told = []
    few = [f"{part} ({n.total()})" for part, n in sorted(parts.items()) if n.total() < FEW]
    if few:
        told.append(
            f"fewer than {FEW} labelled faces, so figures that chance decides: {', '.join(few)}"
        )
    one = [
        f"{part} ({next(iter(n))})"
        for part, n in sorted(parts.items())
        if len(n) == 1 and n.total() > 1
    ]
    if one:
        told.append(f"faces of one group, which is one person or one video: {', '.join(one)}")
    return tuple(told)
