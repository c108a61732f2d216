"""What a network can be exported to: the formats of the installed Ultralytics, by its own words."""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass
from enum import StrEnum

from yolo_fer.errors import UsageError
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics

_ALIASES = {"tflite": "litert", "tensorrt": "engine"}  # words that Ultralytics has given up

# PyTorch itself; and two that put suppression, or a head that gives only the best class, into the
# graph, so that six of a face's seven scores are lost.
_NOT_OURS = ("-", "imx", "axelera")

_FOLDERS = (".mlpackage", ".aimodel")  # packages of Apple; other folders have no suffix at all


class Precision(StrEnum):
    """In which numbers an exported network computes, as far as its runtime does."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"


@dataclass(frozen=True, slots=True)
class Format:
    """A format and what Ultralytics can do in it.

    Args:
        name: the name of the format as Ultralytics' `format=` takes it, for example `onnx`.
        title: the name as its makers write it, for example `ONNX`.
        suffix: the suffix of the file or folder, for example `.onnx` or `_openvino_model`.
        options: which of Ultralytics' export settings it takes, for example `dynamic`.
        precisions: the precisions that it can be written in.
        needs_gpu: whether only a CUDA device can make it.
    """

    name: str
    title: str
    suffix: str
    options: frozenset[str]
    precisions: frozenset[Precision]
    needs_gpu: bool

    @property
    def is_folder(self) -> bool:
        """Whether an export is a folder and not one file."""
        return "." not in self.suffix or self.suffix in _FOLDERS

    def file_name(self, stem: str, precision: Precision) -> str:
        """Return what an export is called unless told otherwise."""
        mark = "" if precision is Precision.FP32 else f"_{precision}"
        return f"{stem}{mark}{self.suffix}"


def known_formats() -> dict[str, Format]:
    """Return the formats of the installed Ultralytics by name.

    Raises:
        MissingExtraError: if Ultralytics is not installed.
    """
    import_ultralytics("exporting")
    exporter = importlib.import_module("ultralytics.engine.exporter")
    table = exporter.export_formats()
    columns = ("Argument", "Format", "Suffix", "Arguments", "CPU", "GPU")
    return {
        name: Format(
            name=name,
            title=title,
            suffix=suffix,
            options=frozenset(options),
            precisions=frozenset(
                precision
                for precision, supported in (
                    (Precision.FP32, name not in exporter.FP32_UNSUPPORTED_FORMATS),
                    (Precision.FP16, name in exporter.FP16_FORMATS),
                    (Precision.INT8, name in exporter.INT8_FORMATS),
                )
                if supported
            ),
            needs_gpu=bool(gpu and not cpu),
        )
        for name, title, suffix, options, cpu, gpu in zip(
            *(table[column] for column in columns), strict=True
        )
        if name not in _NOT_OURS
    }


def find_format(name: str) -> Format:
    """Return the format of a name.

    Raises:
        UsageError: if the installed Ultralytics has no such format; the message lists them.
        MissingExtraError: if Ultralytics is not installed.
    """
    formats = known_formats()
    wanted = name.strip().lower()
    wanted = _ALIASES.get(wanted, wanted)
    if wanted in formats:
        return formats[wanted]
    close = difflib.get_close_matches(wanted, formats, n=1)
    meant = f" Did you mean {close[0]}?" if close else ""
    raise UsageError(f"`format={name}` is not known; use one of {', '.join(formats)}.{meant}")
