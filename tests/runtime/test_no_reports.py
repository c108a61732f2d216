"""The libraries that run networks tell nobody about it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CONVERT = """
import sys
sys.path.insert(0, sys.argv[1])
from yolo_fer.runtime.no_reports import switch_off_reports
switch_off_reports()
from MNN.tools import mnnconvert
print(mnnconvert.mnn_logger)
"""
CONVERTER = """
try:
    from MNN.tools.utils.log import mnn_logger
except:
    mnn_logger = None
"""


def test_the_converter_of_mnn_installs_and_sends_nothing(tmp_path: Path) -> None:
    utils = tmp_path / "MNN" / "tools" / "utils"
    utils.mkdir(parents=True)
    for folder in (utils, utils.parent, utils.parent.parent):
        (folder / "__init__.py").touch()
    (utils.parent / "mnnconvert.py").write_text(CONVERTER)
    (utils / "log.py").write_text("print('installing'); mnn_logger = 'uploader'")
    command = [sys.executable, "-c", CONVERT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None"]
