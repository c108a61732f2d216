"""The errors that a user can cause; each message names what is wrong and says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class YoloFerWarning(UserWarning):
    """Something the user should know, though the work goes on; the command line prints it."""


class YoloFerError(Exception):
    """Something the user can mend; the command line prints the message and exits with status 1."""


class UsageError(YoloFerError):
    """The command was called in a way that cannot work; the command line exits with status 2."""


class UnusedArgumentError(UsageError):
    """Arguments are of no use here; what a user keeps as a default is left out then, and no error.

    Args:
        message: what is wrong, for a person.
        arguments: the names of the arguments, as the library or the command has them.
    """

    def __init__(self, message: str, *arguments: str) -> None:
        super().__init__(message, *arguments)  # all, so that it survives the way out of a process
        self.arguments = arguments

    def __str__(self) -> str:
        return str(self.args[0])


class ExclusiveArgumentsError(UnusedArgumentError):
    """Arguments exclude each other; what a user types counts more than what is kept."""


class FileFault(StrEnum):
    """Why an image or a video cannot be used; bulk work counts files by it.

    A conversion's ledger lists them next to the reasons of `dataset/drop_reasons.py`.
    """

    MISSING_IMAGE = "missing_image"
    UNREADABLE_IMAGE = "unreadable_image"
    EMPTY_IMAGE = "empty_image"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_IMAGE = "unsupported_image"
    CORRUPT_IMAGE = "corrupt_image"
    TRUNCATED_IMAGE = "truncated_image"
    IMAGE_TOO_LARGE = "image_too_large"
    SLOW_IMAGE = "slow_image"
    UNWRITABLE_IMAGE = "unwritable_image"
    SIZE_DIFFERS_FROM_COCO_FILE = "size_differs_from_coco_file"

    MISSING_VIDEO = "missing_video"
    UNREADABLE_VIDEO = "unreadable_video"
    EMPTY_VIDEO = "empty_video"
    NOT_A_VIDEO = "not_a_video"
    NO_DECODER = "no_decoder"
    VIDEO_TOO_LARGE = "video_too_large"
    NO_FRAMES = "no_frames"
    DAMAGED_VIDEO = "damaged_video"

    # What only archives meet, where no source ends the run.
    UNREADABLE_FOLDER = "unreadable_folder"
    CHANGED_WHILE_READ = "changed_while_read"
    WORKER_DIED = "worker_died"
    UNEXPECTED_ERROR = "unexpected_error"


class ImageError(YoloFerError):
    """An image that cannot be used.

    Args:
        reason: the key by which bulk work counts the error.
        message: what is wrong, for a person.
    """

    def __init__(self, reason: FileFault, message: str) -> None:
        super().__init__(
            reason, message
        )  # both, so that it survives the way out of a worker process
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class MissingWeightsError(YoloFerError):
    """Weights that have a name have not been fetched.

    Args:
        message: what to do.
        names: of all that are missing, as `yolo-fer weights get` takes them.
    """

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message, names)
        self.names = names

    def __str__(self) -> str:
        return str(self.args[0])


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


@contextmanager
def needs_extra(extra: str, purpose: str) -> Iterator[None]:
    """Import packages of an optional extra in a block, for a purpose that the error names.

    Raises:
        MissingExtraError: if one is not installed.
    """
    try:
        yield
    except ImportError as error:
        package = str(error.name).partition(".")[0]
        raise MissingExtraError(package, extra, purpose) from error


def first_line(error: Exception) -> str:
    r"""Return the first line of what another library's error says, its kind if it says nothing.

    >>> first_line(ValueError("a bad shape\nat node 3")), first_line(KeyError())
    ('a bad shape', 'KeyError')
    """
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
