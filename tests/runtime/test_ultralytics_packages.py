from __future__ import annotations

import importlib

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.ultralytics_packages import MissingPackagesError, nothing_installed
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


def test_ultralytics_is_left_as_it_was(exporter: object) -> None:
    before = exporter.check_requirements  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="stop"), nothing_installed("this"):
        raise ValueError("stop")
    assert exporter.check_requirements is before  # type: ignore[attr-defined]
