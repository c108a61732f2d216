"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Nothing is wrong, but something optional is not there."""
    WARNING = "warning"
    """Something does not work as it should; prediction does."""
    PROBLEM = "problem"
    """Prediction does not work."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at.

    Args:
        topic: the topic in a word or two, for example `OpenCV`.
        status: whether it is fine, a warning or an error.
        text: what was found, in a sentence.
        remedy: the command that mends it, empty if there is nothing to mend.
    """

    topic: str
    status: Severity
    text: str
    remedy: str = ""
