from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.ultralytics_packages import (
    MissingPackagesError,
    no_code_of_datasets,
    nothing_installed,
)
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics

pytest.importorskip("ultralytics")


@pytest.fixture(scope="module")
def exporter() -> object:
    import_ultralytics("testing")
    return importlib.import_module("ultralytics.engine.exporter")


@pytest.mark.parametrize(
    ("requirements", "options", "command"),
    [
        ("no-such-package>=2", {}, "pip install 'no-such-package>=2'"),
        (["numpy", "no-such-a", "no-such-b"], {}, "pip install no-such-a no-such-b"),
        ("no-such-package", {"cmds": "--no-deps"}, "pip install --no-deps no-such-package"),
        ([("no-such-a", "no-such-b")], {}, "pip install no-such-a"),  # one of the two is enough
        ("numpy<1", {}, "pip install 'numpy<1'"),  # there, but too new
    ],
)
def test_what_is_missing_is_named_with_the_command(
    exporter: object, requirements: object, options: dict[str, str], command: str
) -> None:
    with (
        pytest.raises(MissingPackagesError) as error,
        nothing_installed("this"),
    ):
        exporter.check_requirements(requirements, **options)  # type: ignore[attr-defined]
    assert str(error.value).endswith(command)


@pytest.mark.parametrize("requirements", ["numpy", ["numpy>=2"], [("no-such-a", "numpy")]])
def test_what_is_there_passes(exporter: object, requirements: object) -> None:
    with nothing_installed("this"):
        assert exporter.check_requirements(requirements)  # type: ignore[attr-defined]


def test_nothing_is_downloaded() -> None:
    import_ultralytics("testing")
    tensorflow = importlib.import_module("ultralytics.utils.export.tensorflow")
    with pytest.raises(YoloFerError, match="calibration"), nothing_installed("this"):
        tensorflow.attempt_download_asset("calibration.npy.zip", unzip=True)


def test_a_file_that_is_here_is_not_downloaded(exporter: object, tmp_path: Path) -> None:
    import_ultralytics("testing")
    downloads = importlib.import_module("ultralytics.utils.downloads")
    with nothing_installed("this"):
        assert downloads.attempt_download_asset(str(tmp_path)) == str(tmp_path)


@pytest.mark.parametrize("guard", [nothing_installed, lambda _: no_code_of_datasets()])
@pytest.mark.parametrize("entry", ["open(r'{}', 'w')", "bash {}", "http://127.0.0.1:9/x.zip"])
def test_no_data_yaml_runs_or_fetches_anything(
    exporter: object, tmp_path: Path, guard: Any, entry: str
) -> None:
    trace = tmp_path / "it-ran"
    data = tmp_path / "data.yaml"
    entry = entry.format(trace)
    data.write_text(f"train: a\nval: b\nnames: [anger]\ndownload: {json.dumps(entry)}\n")
    for module in ("engine.exporter", "engine.validator", "engine.trainer", "data.utils"):
        read = importlib.import_module(f"ultralytics.{module}").check_det_dataset
        with pytest.raises(FileNotFoundError, match="images not found"), guard("this"):
            importlib.import_module(f"ultralytics.{module}").check_det_dataset(str(data))
        assert importlib.import_module(f"ultralytics.{module}").check_det_dataset is read
    assert not trace.exists()


def test_ultralytics_is_left_as_it_was(exporter: object) -> None:
    before = exporter.check_requirements  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="stop"), nothing_installed("this"):
        raise ValueError("stop")
    assert exporter.check_requirements is before  # type: ignore[attr-defined]
