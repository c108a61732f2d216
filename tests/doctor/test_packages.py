from __future__ import annotations

import shlex
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from yolo_fer.doctor.finding import Severity
from yolo_fer.doctor.packages import examine_packages, fulfils, needed


@pytest.mark.parametrize(
    ("version", "specifier", "expected"),
    [
        ("2.4.6", ">=2.0", True),
        ("1.26.4", ">=2.0", False),
        ("4.14.0.94", ">=4.10,<5", True),
        ("5.0.0.93", "<5,>=4.10", False),
        ("0.1.0", "==0.1.0", True),
        ("0.2.0", "==0.1.0", False),
        ("2.14.1+cu130", ">=2.6", True),
        ("8.3.0", "<9,>=8.4.190", False),
        ("11", ">=11.0.0", True),
        ("2.7.0rc1", ">=2.6", True),
        ("no version", ">=2.6", False),
    ],
)
def test_versions_are_compared_by_number(version: str, specifier: str, expected: bool) -> None:
    assert fulfils(version, Requirement(f"package{specifier}")) is expected


REQUIREMENTS = [
    Requirement(line)
    for line in (
        "numpy>=2.0",
        "tzdata>=2025; sys_platform == 'no such system'",
        "torch>=2.6; extra == 'train'",
        "openvino>=2024.6; extra == 'export'",
        "yolo-fer[train]; extra == 'export'",
    )
]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [("", ["numpy"]), ("train", ["torch"]), ("export", ["openvino", "torch"]), ("other", [])],
)
def test_an_extra_includes_the_extras_that_it_names_and_not_the_core(
    extra: str, expected: list[str]
) -> None:
    assert sorted(r.name for r in needed(REQUIREMENTS, extra)) == expected


def test_a_package_that_is_too_old_is_installed_by_its_own_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    versions = {"numpy": "1.20.0", "pillow": None}
    found = metadata.version

    def version(name: str) -> str:
        chosen = versions[name.lower()] if name.lower() in versions else found(name)
        if chosen is None:
            raise metadata.PackageNotFoundError(name)
        return chosen

    monkeypatch.setattr(metadata, "version", version)
    core = next(one for one in examine_packages() if one.topic == "core")
    assert core.status is Severity.PROBLEM
    assert "(here is 1.20.0)" in core.text
    names = [Requirement(word).name.lower() for word in shlex.split(core.remedy)[2:]]
    assert names == ["numpy", "pillow"], "an index may have another package named yolo-fer"
