from __future__ import annotations

import re
import subprocess
import sys

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from yolo_fer.cli.main import app
from yolo_fer.doctor import Diagnosis, Severity, examine, prediction_works
from yolo_fer.doctor.opencv import judge_distributions, judge_windows
from yolo_fer.doctor.packages import fulfils, needed
from yolo_fer.doctor.ultralytics_settings import judge_release, judge_settings
from yolo_fer.doctor.weight_files import examine_space, examine_weights


def test_everything_is_looked_at_and_every_trouble_has_a_remedy():
    findings = examine()

    topics = {finding.topic for finding in findings}
    assert {"Python", "core", "OpenCV", "display", "ONNX Runtime", "shipped weights"} <= topics
    for finding in findings:
        if finding.status in (Severity.WARNING, Severity.PROBLEM):
            assert finding.remedy, finding


def test_it_imports_no_framework():
    code = (
        "import sys; from yolo_fer.doctor import examine; examine();"
        "print(sorted({'torch', 'ultralytics', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_exit_status_says_whether_prediction_works():
    result = CliRunner().invoke(app, ["doctor"])

    assert result.exit_code == (0 if prediction_works(examine()) else 1)
    assert "OpenCV" in result.output


@pytest.mark.parametrize(
    ("status", "works"),
    [
        (Severity.OK, True),
        (Severity.NOTE, True),
        (Severity.WARNING, True),
        (Severity.PROBLEM, False),
    ],
)
def test_only_a_problem_keeps_prediction_from_working(status, works):
    assert prediction_works([Diagnosis("a", Severity.OK, ""), Diagnosis("b", status, "")]) is works


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
def test_versions_are_compared_by_number(version, specifier, expected):
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
def test_an_extra_includes_the_extras_that_it_names_and_not_the_core(extra, expected):
    assert sorted(r.name for r in needed(REQUIREMENTS, extra)) == expected


def test_two_opencv_packages_over_each_other_are_a_warning_with_the_way_out():
    finding = judge_distributions(
        {"opencv-python": "4.14.0.94", "opencv-contrib-python-headless": "5.0.0.1"}, "5.0.0"
    )

    assert finding.status is Severity.WARNING
    assert finding.remedy.startswith(
        "pip uninstall -y opencv-python opencv-contrib-python-headless && pip install"
    )


def test_an_opencv_without_haar_cascades_is_a_warning():
    finding = judge_distributions({"opencv-python": "5.0.0.93"}, "5.0.0")

    assert finding.status is Severity.WARNING
    assert "haar" in finding.text


def test_one_opencv_is_in_order():
    assert judge_distributions({"opencv-python": "4.14.0.94"}, "4.14.0").status is Severity.OK


@pytest.mark.parametrize(
    ("gui", "environment", "system", "status"),
    [
        ("QT5", {"DISPLAY": ":0"}, "linux", Severity.OK),
        ("GTK3", {"WAYLAND_DISPLAY": "wayland-0"}, "linux", Severity.OK),
        ("QT5", {}, "linux", Severity.NOTE),
        ("NONE", {"DISPLAY": ":0"}, "linux", Severity.NOTE),
        ("COCOA", {}, "darwin", Severity.OK),
        ("WIN32UI", {}, "win32", Severity.OK),
    ],
)
def test_windows_need_a_gui_and_a_display(gui, environment, system, status):
    build = f"  Media I/O:\n\n  GUI:                           {gui}\n    QT:      YES\n"

    assert judge_windows(build, environment, system).status is status


def test_the_build_information_of_the_installed_opencv_is_understood():
    import cv2

    finding = judge_windows(cv2.getBuildInformation(), {"DISPLAY": ":0"}, "linux")

    assert (finding.status is Severity.OK) == (
        re.search(r"GUI: +NONE", cv2.getBuildInformation()) is None
    )


@pytest.mark.parametrize("version", ["8.3.41", "8.3.46"])
def test_a_compromised_ultralytics_is_named(version):
    assert "compromised" in judge_release(version).text


@pytest.mark.parametrize(
    ("settings", "environment", "remedies"),
    [
        ('{"sync": true}', {}, ("settings sync=False", "YOLO_AUTOINSTALL=false")),
        ('{"sync": false}', {}, ("YOLO_AUTOINSTALL=false",)),
        ('{"sync": true}', {"YOLO_AUTOINSTALL": "false"}, ("settings sync=False",)),
        (None, {"YOLO_AUTOINSTALL": "False"}, ("settings sync=False",)),
        ('{"sync": fal', {"YOLO_AUTOINSTALL": "0"}, ("settings sync=False",)),
        ('{"sync": false}', {"YOLO_AUTOINSTALL": "false"}, ()),
    ],
)
def test_what_ultralytics_does_by_itself_is_told(tmp_path, settings, environment, remedies):
    file = tmp_path / "settings.json"
    if settings is not None:
        file.write_text(settings)

    finding = judge_settings(file, environment)

    assert (finding.status is Severity.OK) == (not remedies)
    assert all(remedy in finding.remedy for remedy in remedies)
    assert ("sync" in finding.remedy) == ("settings sync=False" in remedies)


def test_a_damaged_file_in_the_cache_is_a_warning_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path))
    (tmp_path / "yolo11n.pt").write_bytes(b"cut")

    warnings = [f for f in examine_weights() if f.status is Severity.WARNING]

    assert [f.remedy for f in warnings] == ["yolo-fer weights get yolo11n"]
    assert "cut short" in warnings[0].text


def test_a_cache_that_does_not_exist_yet_has_room(tmp_path, monkeypatch):
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path / "not" / "yet"))

    finding = examine_space()

    assert str(tmp_path / "not" / "yet") in finding.text
    assert not (tmp_path / "not").exists()
