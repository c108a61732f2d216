"""The seven classes, and every other numbering and spelling of them, mapped by name."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import IntEnum

from yolo_fer.errors import YoloFerError


class Emotion(IntEnum):
    """One of the seven classes; the value is the class id used in every file that we write."""

    ANGER = 0
    DISGUST = 1
    FEAR = 2
    HAPPINESS = 3
    SADNESS = 4
    SURPRISE = 5
    NEUTRAL = 6

    @property
    def label(self) -> str:
        """The class name as it stands in `data.yaml`, for example `happiness`."""
        return self.name.lower()

    @classmethod
    def from_name(cls, name: str) -> Emotion | None:
        """Return the emotion that a word stands for, or None for any other word.

        >>> Emotion.from_name(" Happy ")
        <Emotion.HAPPINESS: 3>
        >>> Emotion.from_name("contempt") is None
        True
        """
        return _BY_WORD.get(unicodedata.normalize("NFKC", name).strip().casefold())


EMOTION_NAMES: tuple[str, ...] = tuple(emotion.label for emotion in Emotion)

_SYNONYMS: dict[Emotion, tuple[str, ...]] = {
    Emotion.ANGER: ("anger", "angry", "mad", "an", "ang"),
    Emotion.DISGUST: ("disgust", "disgusted", "disgusting", "di", "dis"),
    Emotion.FEAR: ("fear", "fearful", "afraid", "scared", "fe", "fea"),
    Emotion.HAPPINESS: ("happiness", "happy", "joy", "joyful", "smile", "ha", "hap"),
    Emotion.SADNESS: ("sadness", "sad", "sorrow", "unhappy", "sa"),
    Emotion.SURPRISE: ("surprise", "surprised", "astonished", "su", "sur"),
    Emotion.NEUTRAL: ("neutral", "neutrality", "calm", "no expression", "ne", "neu"),
}
_BY_WORD = {word: emotion for emotion, words in _SYNONYMS.items() for word in words}


def _numbering(*names: str, first: int = 0) -> dict[int, Emotion]:
    emotions = enumerate((Emotion.from_name(name) for name in names), start=first)
    return {number: emotion for number, emotion in emotions if emotion is not None}


# Each dataset counts in its own order; the order of the names below is that dataset's numbering.
EXPW = _numbering("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
FER2013 = _numbering("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
AFFWILD2 = _numbering(
    "neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise", "other"
)
RAFDB = _numbering(
    "surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral", first=1
)
AFFECTNET = _numbering(
    "neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt"
)


def match_class_names(names: Mapping[int, str]) -> tuple[dict[int, Emotion], list[str]]:
    """Map a detector's or dataset's own class ids to emotions, by name.

    Args:
        names: class id to class name, as in an Ultralytics `data.yaml` or checkpoint.

    Returns:
        The mapping of the ids that name an emotion, and the names of the classes that do not.

    Raises:
        YoloFerError: if no class names an emotion, or two classes name the same one.
    """
    mapped: dict[int, Emotion] = {}
    other: list[str] = []
    for class_id, name in names.items():
        emotion = Emotion.from_name(str(name))
        if emotion is None:
            other.append(str(name))
        elif emotion in mapped.values():
            raise YoloFerError(
                f"two classes both mean {emotion.label}: {dict(names)}. "
                "Rename one of them in the data.yaml or the weights."
            )
        else:
            mapped[int(class_id)] = emotion
    if not mapped:
        raise YoloFerError(
            f"none of the classes {list(names.values())} names an emotion. "
            f"Known names are {', '.join(EMOTION_NAMES)} and their common synonyms."
        )
    return mapped, other
