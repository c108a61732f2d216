"""Serving the page: one address, one folder for temporary files, an end that leaves nothing."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType

from yolo_fer.app.guard import names_of_this_computer
from yolo_fer.app.limits import Limits
from yolo_fer.app.result_files import PREFIX, Results, remove_left_over
from yolo_fer.errors import MissingExtraError, UsageError, YoloFerError
from yolo_fer.results import Predictor
from yolo_fer.runtime.folder_lock import locked

LOCALHOST = "127.0.0.1"
_SWEEP_SECONDS = 20
_OUR_ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_NUM_WORKERS": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
}
"""Read by Gradio when it is imported: nothing is reported and nothing is fetched."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page listens.

    Args:
        host: name or number of this computer's interface.
        port: 1 to 65535.
        names: under which the page may be visited, besides those of this computer.
    """

    host: str = LOCALHOST
    port: int = 7860
    names: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether only this computer can reach it."""
        return self.host in (LOCALHOST, "localhost", "::1")

    @property
    def url(self) -> str:
        """What to type into a browser on this computer."""
        host = LOCALHOST if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    def check_free(self) -> None:
        """Find out whether somebody listens there already.

        Raises:
            UsageError: if it is no address of this computer.
            YoloFerError: if the port is taken.
        """
        try:
            family, kind, protocol, _, where = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
        except OSError as error:
            raise UsageError(f"`host={self.host}`: no such address ({error})") from error
        with socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":  # there it would allow to take a port away from its owner
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(where)
            except OSError as error:
                raise YoloFerError(
                    f"port {self.port} of {self.host} cannot be used ({error.strerror}); "
                    "name another one with `port`"
                ) from error


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
        predictor: that finds the faces.
        address: where to listen.
        limits: the limits of uploads.
        open_browser: open the page in this computer's browser.
        say: is told where the page is.

    Raises:
        KeyboardInterrupt: in the end, if it was Ctrl-C.
        MissingExtraError: if Gradio is not installed.
        YoloFerError: if the address cannot be used.
    """
    address.check_free()
    remove_left_over(Path(tempfile.gettempdir()))
    with (
        _until_stopped() as stopped,
        tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name,
        locked(Path(name)),
    ):
        folder = Path(name).resolve()
        os.environ.update(_OUR_ENVIRONMENT, GRADIO_TEMP_DIR=str(folder))
        page_module = _import_page()
        results = Results(folder, limits.kept_seconds)
        page = page_module.build_page(predictor, limits, results, folder)
        names = {*names_of_this_computer(address.host), *address.names}
        page.launch(
            server_name=address.host,
            server_port=address.port,
            inbrowser=open_browser,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            show_error=False,
            max_file_size=limits.upload_bytes,
            enable_monitoring=False,
            run_history=False,
            footer_links=[],
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            app_kwargs={"middleware": [page_module.guarded(names, limits, folder)]},
            theme=page_module.theme(),
            css=page_module.style(),
            js=page_module.script(),
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


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    """Turn Ctrl-C and a request to terminate into an event, so that neither skips the clean-up.

    Raises:
        KeyboardInterrupt: behind the block, if it was Ctrl-C.
    """
    stopped = threading.Event()
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if signal.SIGINT in received:
        raise KeyboardInterrupt
