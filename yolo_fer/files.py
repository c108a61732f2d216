"""Writing files that are always whole: after a kill there is the old one, the new one or none."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from yolo_fer.paths import ESCAPE, temporary_beside


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write an object as indented JSON without NaN, which no other language reads."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, f"{text}\n".encode("utf-8", ESCAPE))


def write_figure(path: Path, figure: Any, dpi: int) -> None:
    """Write a Matplotlib figure as a PNG file that is always whole.

    Its texts are drawn as they are: they may be names that hold `$`, which would begin a formula.
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
    data = io.BytesIO()
    figure.savefig(data, dpi=dpi, format="png")
    write_atomically(path, data.getvalue())


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and rename it, so that a kill never leaves half a file.

    The parent folder must exist.
    """
    temporary = temporary_beside(path)
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        error.filename = str(path)  # which says more than the temporary name, or than none
        raise
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
