"""The errors that a user can cause; each message names what is wrong and says what to do."""

from __future__ import annotations


class YoloFerWarning(UserWarning):
    """Something the user should know, though the work goes on; the command line prints it."""


class YoloFerError(Exception):
    """Something the user can mend; the command line prints the message and exits with status 1."""


class UsageError(YoloFerError):
    """The command was called in a way that cannot work; the command line exits with status 2."""


class ImageError(YoloFerError):
    """An image that cannot be used.

    Args:
        reason: a ledger key such as `truncated_image`; bulk work counts by it.
        message: what is wrong, for a person.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(
            reason, message
        )  # both, so that it survives the way out of a worker process
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class MissingExtraError(YoloFerError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(package, extra, purpose)
        self.package = package
        self.extra = extra
        self.purpose = purpose

    def __str__(self) -> str:
        return (
            f"{self.purpose} needs the package '{self.package}', which is not installed. "
            f"Install it with: pip install 'yolo-fer[{self.extra}]'"
        )
