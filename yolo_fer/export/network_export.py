"""Exporting trained weights with the raw head, so that all seven scores of a face are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from yolo_fer.dataset.data_yaml import read_data_yaml
from yolo_fer.detector.network import CONF_KEY, OLD_CONF_KEY, Metadata
from yolo_fer.detector.torch_network import (
    detection_model,
    load_checkpoint,
    metadata_of,
    plainly_named_copy,
)
from yolo_fer.errors import (
    ExclusiveArgumentsError,
    UnusedArgumentError,
    UsageError,
    YoloFerError,
    first_line,
)
from yolo_fer.export.description import describe
from yolo_fer.export.distances import fast_distances
from yolo_fer.export.formats import Format, Precision, find_format
from yolo_fer.export.int8_images import calibration_images
from yolo_fer.export.placing import check_target, put, rename_files
from yolo_fer.export.quantise import quantise
from yolo_fer.runtime.ultralytics_packages import nothing_installed
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics, quiet
from yolo_fer.weights.store import resolve

ONNX, OPENVINO = "onnx", "openvino"
_ARGUMENTS = {Precision.FP32: (), Precision.FP16: ("half",), Precision.INT8: ("int8",)}
_FLAGS = {
    Precision.FP32: "neither `half` nor `int8`",
    Precision.FP16: "`half`",
    Precision.INT8: "`int8` with `data`",
}


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to export.

    Args:
        format: Ultralytics' name of it.
        precision: the precision of the result; int8 needs `data`.
        imgsz: longer side of the input that a detector uses unless told otherwise, in pixels; None
            takes what the weights were trained for.
        fixed: the graph takes only this one size, a square; formats that know no other are fixed
            in any case.
        conf: the threshold that the file advises, 0 to 1; None keeps what the weights advise.
        data: a data.yaml or a folder of images, from which int8 takes its ranges.

    Raises:
        UsageError: if the precision and `data` do not go together.
    """

    format: str = ONNX
    precision: Precision = Precision.FP32
    imgsz: int | None = None
    fixed: bool = False
    conf: float | None = None
    data: Path | None = None

    def __post_init__(self) -> None:
        if self.precision is Precision.INT8 and self.data is None:
            raise UsageError(
                "`int8` needs images that are like those to come, from which it takes its ranges: "
                "add `data` with a data.yaml or a folder"
            )
        if self.precision is not Precision.INT8 and self.data is not None:
            raise UnusedArgumentError("`data` is only of use with `int8`", "data")


def export(
    weights: str,
    out: Path | None = None,
    options: ExportOptions | None = None,
    *,
    overwrite: bool = False,
) -> Path:
    """Export a `.pt` checkpoint.

    Args:
        weights: a `.pt` file, loaded in safe mode, or the name of one.
        out: the file or folder to write, as the format makes one or the other; by default next to
            the weights.
        options: the settings of the export; None makes an ONNX file in fp32 that takes inputs of
            any size, and any number of them at once.
        overwrite: replace what is there.

    Returns:
        The path of the result. Formats that cannot carry class names in themselves have them in a
        YAML file next to it.

    Raises:
        UsageError: if the format is not known or cannot do what is asked, the target is there
            already or holds something else, or the weights are no `.pt`.
        MissingPackagesError: if the format needs packages that are not installed.
        YoloFerError: if the weights cannot be loaded or the export fails.
        OSError: if the system refuses to write the target.
    """
    options = options or ExportOptions()
    source = resolve(weights)
    if source.suffix != ".pt":
        raise UsageError(f"`weights={source}` is exported already; give the .pt that it came from")
    chosen = find_format(options.format)
    if options.precision not in chosen.precisions:
        flags = " or ".join(_FLAGS[precision] for precision in sorted(chosen.precisions))
        raise ExclusiveArgumentsError(
            f"{chosen.title} cannot be written in {options.precision}: use {flags}",
            "format",
            *_ARGUMENTS[options.precision],
        )
    name = chosen.file_name(source.stem, options.precision)
    target = out or source.with_name(name)
    sources = [source] if options.data is None else [source, options.data]
    check_target(target, name, chosen, sources, overwrite)
    checkpoint = load_checkpoint(source)
    model = detection_model(source, checkpoint)  # refuses any head but a YOLO detector's
    said = metadata_of(source, checkpoint, model)
    if options.conf is not None:
        own = {key: value for key, value in said.own.items() if key != OLD_CONF_KEY}
        said = replace(said, own={**own, CONF_KEY: options.conf})
    size = options.imgsz or max(said.size)
    target.parent.mkdir(parents=True, exist_ok=True)
    with plainly_named_copy(source) as copy:  # Ultralytics writes next to it
        if options.precision is Precision.INT8 and chosen.name in (ONNX, OPENVINO):
            made, metadata = _export_int8(copy, chosen, options, size, said)
        else:
            made, metadata = _export_by_ultralytics(copy, chosen, options, size, said)
        if made.is_dir():
            rename_files(made, copy.stem, source.stem)
        put(made, target, metadata)
    return target


def _export_by_ultralytics(
    source: Path, format: Format, options: ExportOptions, size: int, said: Metadata
) -> tuple[Path, dict[str, Any]]:
    yolo = import_ultralytics("exporting").YOLO  # whole, before functions in it are replaced
    _check_device(format)
    dynamic = "dynamic" in format.options and not options.fixed
    settings: dict[str, Any] = {
        "format": format.name,
        "imgsz": size,
        "device": "0" if format.needs_gpu else "cpu",
    }
    if dynamic:
        settings["dynamic"] = True
    if options.precision is not Precision.FP32:
        settings["quantize"] = 16 if options.precision is Precision.FP16 else 8
    if options.data is not None and "data" in format.options:
        if options.data.is_dir():
            raise UsageError(f"`data`: for {format.title} give a data.yaml, not a folder")
        read_data_yaml(options.data)  # complains of a file that is none
        settings["data"] = str(options.data)
    written: dict[str, Any] = {}

    def describe_it(exporter: Any) -> None:
        # A callback, because every format takes its metadata from here, each in its own way.
        metadata = {**exporter.metadata, "stride": said.stride}
        exporter.metadata = describe(metadata, said.own, options.precision, dynamic)
        written.update(exporter.metadata)

    try:
        with nothing_installed(f"exporting to {format.title}"), quiet(), fast_distances():
            model = yolo(source, task="detect")
            model.add_callback("on_export_start", describe_it)
            made = model.export(**settings)
    except YoloFerError:
        raise
    except ModuleNotFoundError as error:
        raise YoloFerError(
            f"exporting to {format.title} needs the package {error.name}, which is not installed; "
            f"how to get it: https://docs.ultralytics.com/integrations/"
        ) from error
    except Exception as error:  # each format's tools raise what they like
        reason = first_line(error)
        raise YoloFerError(f"the export to {format.title} failed: {reason}") from error
    return Path(made), written


def _check_device(format: Format) -> None:
    import torch

    if format.needs_gpu and not torch.cuda.is_available():
        raise YoloFerError(
            f"{format.title} files are made on a machine with an NVIDIA GPU, and PyTorch finds none"
        )


def _export_int8(
    source: Path, format: Format, options: ExportOptions, size: int, said: Metadata
) -> tuple[Path, dict[str, Any]]:
    """Quantise the ONNX network; OpenVINO reads its quantise-dequantise pairs.

    So one calibration serves both, on images that are read and letterboxed as for prediction, and
    NNCF with its telemetry is not needed; its networks are a tenth faster in OpenVINO.
    """
    assert options.data is not None  # noqa: S101  # ExportOptions made sure
    images = calibration_images(options.data, (size, size))
    in_float = find_format(ONNX)
    plain, metadata = _export_by_ultralytics(
        source, in_float, ExportOptions(imgsz=size, fixed=options.fixed), size, said
    )
    metadata = describe(metadata, said.own, Precision.INT8, dynamic=not options.fixed)
    quantised = plain.with_name("quantised.onnx")
    quantise(plain, quantised, images, (size, size), metadata)
    if format.name == ONNX:
        return quantised, metadata
    return _as_openvino(quantised, source.stem), metadata


def _as_openvino(path: Path, stem: str) -> Path:
    from yolo_fer.detector.openvino_network import import_openvino

    openvino = import_openvino()
    model = openvino.convert_model(path)
    folder = path.with_name(f"{stem}_openvino_model")
    folder.mkdir()
    try:
        openvino.save_model(model, folder / f"{stem}.xml", compress_to_fp16=False)
    except RuntimeError as error:
        raise YoloFerError(f"OpenVINO cannot write to {folder}: is that disk full?") from error
    return folder
