"""Whether a number that is given as an argument can be used; NumPy's numbers are as good."""

from __future__ import annotations

from numbers import Integral, Real

from yolo_fer.errors import UsageError


def is_number(value: object) -> bool:
    """Return whether an argument is a real number, be it Python's or NumPy's."""
    return isinstance(value, Real)


def check_number(name: str, value: object, least: float, most: float) -> None:
    """Make sure that an argument is a number within a range.

    Raises:
        UsageError: if it is not; the message names the argument.
    """
    if not (isinstance(value, Real) and least <= float(value) <= most):
        raise UsageError(f"{name} must lie between {least} and {most}, not at {value}")


def check_whole_number(name: str, value: object, least: int, most: int | None = None) -> None:
    """Make sure that an argument is a whole number within a range.

    Args:
        name: of the argument, or words for it.
        value: that was given.
        least: the smallest one that is possible.
        most: the largest one; None is any.

    Raises:
        UsageError: if it is not; the message names the argument.
    """
    number = int(value) if isinstance(value, Integral) else None
    if number is None or number < least or (most is not None and number > most):
        wanted = f", at least {least}" if most is None else f" from {least} to {most}"
        raise UsageError(f"{name} must be a whole number{wanted}, not {value}")


def check_threads(threads: object) -> None:
    """Make sure that a number of threads, if there is one, is possible.

    Raises:
        UsageError: if it is no whole number of at least 1.
    """
    if threads is not None:
        check_whole_number("the number of threads", threads, 1)
