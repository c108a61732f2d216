"""Serving the page: one address, one folder for temporary files, an end that leaves nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from yolo_fer.app.limits import Limits
from yolo_fer.app.reading import ReadingProcesses
from yolo_fer.app.result_files import PREFIX, Results, remove_left_over
from yolo_fer.app.turns import TakingTurns, Turns
from yolo_fer.app.upload_context import UploadContext
from yolo_fer.errors import MissingExtraError
from yolo_fer.results import Predictor
from yolo_fer.runtime.folder_lock import locked
from yolo_fer.web.address import Address
from yolo_fer.web.stopping import until_stopped

_SWEEP_SECONDS = 20
_OUR_ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_NUM_WORKERS": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    # It asks the page whether it answers, which a proxy cannot reach, and makes no other request.
    "NO_PROXY": "*",
    "no_proxy": "*",
}
"""Read by Gradio: nothing is reported and nothing is fetched."""


def serve(
    predictor: Predictor,
    address: Address,
    limits: Limits,
    *,
    open_browser: bool = False,
    say: Callable[[str], None] = print,
) -> None:
    """Show the page until Ctrl-C or a request to terminate, then delete all temporary files.

    Args:
        predictor: the system that finds the faces.
        address: the address to listen on.
        limits: how much may be uploaded.
        open_browser: open the page in this computer's browser.
        say: called with a line that says where the page is.

    Raises:
        KeyboardInterrupt: in the end, if it was Ctrl-C.
        MissingExtraError: if Gradio is not installed.
        YoloFerError: if the address cannot be used.
    """
    address.check_free()
    remove_left_over(Path(tempfile.gettempdir()))
    with (
        until_stopped() as stopped,
        tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name,
        locked(Path(name)),
        ReadingProcesses() as processes,
    ):
        folder = Path(name).resolve()
        os.environ.update(_OUR_ENVIRONMENT, GRADIO_TEMP_DIR=str(folder))
        results, turns = Results(folder, limits.kept_seconds), Turns()
        uploads = TakingTurns(predictor, turns, live=False)
        page = _import_page().open_page(
            UploadContext(uploads, limits, results, folder, processes),
            TakingTurns(predictor, turns, live=True),
            address,
            open_browser=open_browser,
        )
        try:
            say(f"The page is at {address.url} (Ctrl-C ends it)")
            while not stopped.wait(_SWEEP_SECONDS):
                results.forget_old()
        finally:
            page.close(verbose=False)


def _import_page() -> ModuleType:
    try:
        from yolo_fer.app import page
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "gradio":
            raise
        raise MissingExtraError("gradio", "app", "the page") from error
    return page
