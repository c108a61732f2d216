from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image as PillowImage

from tests.helpers.graphs import raw_output, write_constant
from yolo_fer.cli.main import app
from yolo_fer.cli.settings import read_settings, read_variables, with_settings
from yolo_fer.errors import UsageError, YoloFerError

COMMAND = typer.main.get_command(app)


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    command = [sys.executable, "-m", "yolo_fer", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def write(folder: Path, text: str, name: str = "yolo-fer.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_file_sets_defaults_by_command_and_option(tmp_path: Path) -> None:
    folder = write(tmp_path, "[predict]\nconf = 0.4\nmax_faces = 7\n[convert.expw]\nmin-score = 40")
    settings = read_settings(COMMAND, folder)
    assert settings.defaults == {
        "predict": {"conf": 0.4, "max_faces": 7},
        "convert": {"expw": {"min_score": 40}},
    }
    assert [one.option for one in settings.listed][-1] == "convert expw --min-score"


def test_pyproject_is_read_where_there_is_no_file_of_our_own(tmp_path: Path) -> None:
    write(tmp_path, "[tool.yolo-fer.predict]\nconf = 0.3\n[tool.other]\nx = 1", "pyproject.toml")
    assert read_settings(COMMAND, tmp_path).defaults == {"predict": {"conf": 0.3}}
    write(tmp_path, "[predict]\nconf = 0.4")
    assert read_settings(COMMAND, tmp_path).defaults == {"predict": {"conf": 0.4}}
    assert read_settings(COMMAND, tmp_path / "elsewhere").defaults == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[predict", "cannot be read"),
        ("[predict]\ncof = 0.4", "cof is not an option of predict; did you mean conf?"),
        ("[predct]\nconf = 0.4", "predct is not a command, .*did you mean predict?"),
        ("conf = 0.4", "conf is not a command"),
        ("[predict]\nconf = 'much'", "predict conf = 'much': .*number"),
        ("[predict]\nconf = [1, 2]", "predict conf = .*number"),
        ("predict = 3", "predict is not a command, such as"),
        ("[predict]\ntrust-weights = true", "--trust-weights is not taken from a file"),
        ("[predict]\noverwrite = true", "--overwrite is not taken from a file"),
        ("[serve]\nhost = '0.0.0.0'", "--host is not taken from a file"),
        ("[serve]\ntoken-file = 'x'", "--token-file is not taken from a file"),
        ("[predict]\ndask = 'tcp://a:1'", "--dask is not taken from a file"),
        ("[check]\njson = '../letter.json'", "--json is not taken from a file"),
        ("[faces]\njson = 'x'", "--json is not taken from a file"),
        ("[val-classifier]\njson = 'x'", "--json is not taken from a file"),
        ("[convert.expw]\ndask = 'tcp://a:1'", "--dask is not taken from a file"),
    ],
)
def test_what_a_file_cannot_say_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_settings(COMMAND, write(tmp_path, text))


def test_variables_are_named_by_command_and_option() -> None:
    environment = {
        "YOLO_FER_CONVERT_EXPW_MIN_SCORE": "40",
        "YOLO_FER_PREDIT_CONF": "0.4",
        "YOLO_FER_CACHE": "/somewhere",
        "PATH": "/bin",
    }
    settings, unknown = read_variables(COMMAND, environment)
    assert [one.option for one in settings] == ["convert expw --min-score"]
    assert unknown == ["YOLO_FER_PREDIT_CONF"]


def _commands(command: Any) -> Iterator[tuple[str, Any]]:
    """Yield each command below one with its words, as they are typed."""
    for word, below in getattr(command, "commands", {}).items():
        if hasattr(below, "commands"):
            yield from ((f"{word} {more}", last) for more, last in _commands(below))
        else:
            yield word, below


def test_the_variable_of_every_option_is_named_by_what_is_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = with_settings(app, tmp_path)
    context = typer.Context(root)
    seen: set[str] = set()
    for words, command in _commands(root):
        for parameter in command.params:
            long = [option for option in parameter.opts if option.startswith("--")]
            if not long:
                continue
            name = f"yolo_fer {words} {long[0][2:]}".replace(" ", "_").replace("-", "_").upper()
            assert name not in seen
            seen.add(name)
            monkeypatch.setenv(name, "a value")
            assert parameter.resolve_envvar_value(context) == "a value", name
            monkeypatch.delenv(name)
            (listed,), unknown = read_variables(root, {name: "a value"})
            assert (listed.option, unknown) == (f"{words} {long[0]}", [])
    assert {"YOLO_FER_PREDICT_JSON", "YOLO_FER_APP_OPEN", "YOLO_FER_VAL_SLICE"} < seen


def test_the_name_that_a_variable_had_before_still_counts(
    image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(image)
    words = ["predict", "a.png", "--weights", "one.onnx"]
    monkeypatch.setenv("YOLO_FER_PREDICT_JSON_LINES", "old.jsonl")
    with_settings(app, image).main(words, standalone_mode=False)
    monkeypatch.setenv("YOLO_FER_PREDICT_JSON", "new.jsonl")
    with_settings(app, image).main(words, standalone_mode=False)
    assert {path.name for path in image.glob("*.jsonl")} == {"old.jsonl", "new.jsonl"}


@pytest.mark.parametrize("value", ["1", "0.5.0"])
@pytest.mark.parametrize(
    "option", ["VERSION", "HELP", "PREDICT_HELP", "SHOW_COMPLETION", "INSTALL_COMPLETION"]
)
def test_no_variable_does_anything_but_set_the_options_of_a_command(
    image: Path, option: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(image)
    monkeypatch.setenv("HOME", str(image))  # where completion would be installed
    monkeypatch.setenv(f"YOLO_FER_{option}", value)
    command = with_settings(app, image)
    command.main(["predict", "a.png", "--weights", "one.onnx"], standalone_mode=False)
    assert capsys.readouterr().out == "a.png: happiness 82 %\n"


def test_a_file_of_the_editor_of_windows_is_read(tmp_path: Path) -> None:
    for name, table in (("pyproject.toml", "tool.yolo-fer.predict"), ("yolo-fer.toml", "predict")):
        (tmp_path / name).write_text(f"[{table}]\nconf = 0.4", encoding="utf-8-sig")
        assert read_settings(COMMAND, tmp_path).defaults == {"predict": {"conf": 0.4}}


def test_a_word_of_the_command_line_beats_a_variable_which_beats_the_file(tmp_path: Path) -> None:
    folder = write(tmp_path, '[predict]\nconf = 2.0\nweights = "mine.onnx"')
    from_file = run(folder, "predict", "none.jpg")
    assert from_file.returncode == 2
    assert "conf" in from_file.stderr
    assert "2" in from_file.stderr
    write(folder, '[predict]\nweights = "mine.onnx"')
    assert "mine.onnx" in run(folder, "predict", "none.jpg").stderr
    variable = {"YOLO_FER_PREDICT_WEIGHTS": "yours.onnx"}
    assert "yours.onnx" in run(folder, "predict", "none.jpg", **variable).stderr
    word = run(folder, "predict", "none.jpg", "--weights", "theirs.onnx", **variable)
    assert "theirs.onnx" in word.stderr
    doctor = run(folder, "doctor", **variable).stdout
    assert "predict --weights mine.onnx (yolo-fer.toml)" in " ".join(doctor.split())
    assert "YOLO_FER_PREDICT_WEIGHTS" in doctor


FOR_OTHER_USES = """
[predict]
format = "csv"
workers = 2
resume = true
track = true
smooth = 1.0
summary = "tracks.csv"
timeline = "faces.png"
blur = true
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    write_constant(tmp_path / "one.onnx", raw_output(((80, 96, 160, 192), {3: 0.9, 6: 0.2})))
    PillowImage.new("RGB", (320, 320)).save(tmp_path / "a.png")
    return tmp_path


def test_defaults_for_other_uses_are_left_out(image: Path) -> None:
    write(image, FOR_OTHER_USES)
    done = run(
        image, "predict", "a.png", "--weights", "one.onnx", YOLO_FER_PREDICT_DASK="tcp://a:1"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "a.png: happiness 82 %\n"
    assert not (image / "tracks.csv").exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--workers", "2"], "--workers is for archives"),
        (["--track"], "--track follows faces through a video"),
        (["--timeline", "b.png"], "--timeline follows faces through a video"),
        (["--blur"], "--blur hides the faces in pictures"),
    ],
)
def test_what_is_typed_is_refused_whatever_a_file_says(
    image: Path, typed: list[str], said: str
) -> None:
    write(image, FOR_OTHER_USES)
    done = run(image, "predict", "a.png", "--weights", "one.onnx", *typed)
    assert done.returncode == 2
    assert said in done.stderr


NOWHERE = "nowhere"


@pytest.mark.parametrize(
    ("kept", "words", "said"),
    [
        ("[compare]\nresume = true", ["compare", NOWHERE], NOWHERE),
        ("[check]\nworkers = 3", ["check", NOWHERE, "--dask", "a:1"], NOWHERE),
        (
            "[convert.folders]\ncrops = true",
            ["convert", "folders", NOWHERE, "--out", "o", "--full"],
            NOWHERE,
        ),
        ("[export]\nimages = 'i'\ndata = 'd'", ["export", "--weights", NOWHERE], NOWHERE),
        ("[export]\nhalf = true", ["export", "--weights", NOWHERE, "--int8"], "`data`"),
        ("[predict]\nweights = 'w.onnx'", ["predict", "a.png", "--pipeline", NOWHERE], NOWHERE),
        (
            "[predict]\niou = 0.4\nweights = 'w.onnx'",
            ["predict", "a.png", "--pipeline", f"haar+{NOWHERE}"],
            NOWHERE,
        ),
        (
            "[predict]\nout = 'o'",
            ["predict", "a.png", "--json", "l", "--weights", NOWHERE],
            NOWHERE,
        ),
        ("[predict]\njson = 'l'", ["predict", NOWHERE, "--out", "o"], "nothing could"),
        ("[predict]\nsummary = 's'", ["predict", NOWHERE, "--out", "o"], "nothing could"),
        ("[predict]\nout = 'o'", ["predict", "-", "--weights", NOWHERE], NOWHERE),
        (
            "[predict]\nout = 'o'",
            ["predict", "a.png", "--summary", "s.csv", "--weights", NOWHERE],
            "follows faces through a video",
        ),
        (
            "[predict]\ncsv = '-'",
            ["predict", "a.png", "--json", "-", "--weights", NOWHERE],
            NOWHERE,
        ),
        ("[predict]\nverbose = true", ["predict", "-q", "a.png", "--weights", NOWHERE], NOWHERE),
        (
            "[val-classifier]\nferplus = 'v'",
            ["val-classifier", ".", "--weights", "fer-cnn"],
            "emotion",
        ),
    ],
)
def test_a_default_stands_in_the_way_of_nothing_that_is_typed(
    image: Path, kept: str, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(image)
    command = with_settings(app, write(image, kept))
    with pytest.raises(YoloFerError, match=said) as error:
        command.main(words, standalone_mode=False)
    setting = kept.split("\n")[1].split(" ")[0]
    assert f"--{setting}" not in str(error.value)
    assert f"`{setting}" not in str(error.value)


def test_a_variable_counts_more_than_a_file_that_it_excludes(image: Path) -> None:
    write(image, '[predict]\nweights = "mine.onnx"')
    variable = {"YOLO_FER_PREDICT_PIPELINE": NOWHERE}
    assert NOWHERE in run(image, "predict", "a.png", **variable).stderr
    write(image, '[predict]\nweights = "mine.onnx"\npipeline = "haar+fer-cnn"')
    done = run(image, "predict", "a.png")
    assert done.returncode == 2
    assert "--weights for a detector or --pipeline, not both" in done.stderr
