"""How much a visitor may send, and all of them together, in bytes."""

from __future__ import annotations

from dataclasses import dataclass, fields

from yolo_fer.errors import UsageError


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What the limits of the page and of the address have in common.

    Args:
        upload_mb: the largest file, in millions of bytes.
        total_mb: the most that is held of all visitors together, in millions of bytes.

    Raises:
        UsageError: if a limit is not a number from 1 (0.1 for seconds) to a million, or a single
            file may be larger than all together.
    """

    upload_mb: int
    total_mb: int

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            least = 0.1 if field.type == "float" else 1
            if not least <= value <= 1e6:  # NaN neither
                raise UsageError(f"`{field.name}` must lie between {least} and 1e6, not at {value}")
        if self.total_mb < self.upload_mb:
            raise UsageError("`total_mb` must not be less than `upload_mb`")

    @property
    def upload_bytes(self) -> int:
        """The largest file in bytes."""
        return self.upload_mb * 1_000_000

    @property
    def total_bytes(self) -> int:
        """The most that is held of everybody together, in bytes."""
        return self.total_mb * 1_000_000
