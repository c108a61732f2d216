from __future__ import annotations

from pathlib import Path

import pytest

from tools.changed_tests import changed_tests

TESTS = {
    "test_boxes.py": "from yolo_fer import boxes  # run",
    "test_readme.py": 'Path("README.md")',
    "outputs/test_text.py": "",
    "outputs/test_ends.py": "from yolo_fer.outputs import (\n    sink,\n    text,\n)",
    "outputs/test_public.py": "import yolo_fer.outputs",
    "predict/test_images.py": "from tests.helpers.pictures import write\nyolo_fer.predict.images",
    "tools/test_restore.py": "from tools.restore import main",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in TESTS.items():
        path = tmp_path / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("yolo_fer/outputs/text.py", ["outputs/test_ends.py", "outputs/test_text.py"]),
        ("yolo_fer/outputs/__init__.py", ["outputs/test_ends.py", "outputs/test_public.py"]),
        ("yolo_fer/boxes.py", ["test_boxes.py"]),
        ("yolo_fer/predict/images.py", ["predict/test_images.py"]),
        ("tests/helpers/pictures.py", ["predict/test_images.py"]),
        ("tests/outputs/test_text.py", ["outputs/test_text.py"]),
        ("tests/outputs/test_that_is_gone.py", []),
        ("tools/restore.py", ["tools/test_restore.py"]),  # its name, and the import
        ("README.md", ["test_readme.py"]),
        (".ci/run", []),  # "run" is a word of every test
        ("noxfile.py", []),
        (  # part of a name is no name; nothing names it, so all of its folder
            "yolo_fer/outputs/tex.py",
            ["outputs/test_ends.py", "outputs/test_public.py", "outputs/test_text.py"],
        ),
        ("yolo_fer/predict/deep/er.py", ["predict/test_images.py"]),
        ("yolo_fer/alone.py", ["test_boxes.py", "test_readme.py"]),
    ],
)
def test_the_tests_of_a_changed_file_are_its_own_and_those_that_name_it(
    root: Path, changed: str, tests: list[str]
) -> None:
    assert changed_tests([changed], root) == [f"tests/{test}" for test in tests]


def test_every_test_is_named_once(root: Path) -> None:
    both = changed_tests(["yolo_fer/outputs/text.py", "tests/outputs/test_text.py"], root)
    assert both == ["tests/outputs/test_ends.py", "tests/outputs/test_text.py"]


def test_every_folder_of_ours_has_tests_for_a_module_that_none_names() -> None:
    root = Path(__file__).parents[2]
    modules = [path for folder in ("yolo_fer", "tools") for path in (root / folder).rglob("*.py")]
    folders = {module.parent.relative_to(root).as_posix() for module in modules}
    assert len(folders) > 20
    for folder in folders:
        assert changed_tests([f"{folder}/nowhere_named.py"], root), folder
