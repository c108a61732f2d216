"""Running the HTTP API: from a free port to an end that finishes what is in flight."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from yolo_fer.errors import MissingExtraError, UsageError, YoloFerError
from yolo_fer.results import Predictor
from yolo_fer.serve.limits import RequestLimits
from yolo_fer.serve.token import VARIABLE, Token
from yolo_fer.web.address import Address
from yolo_fer.web.stopping import until_stopped

if TYPE_CHECKING:
    from yolo_fer.serve.fetching import Fetcher

_PACKAGES = ("fastapi", "prometheus_client", "python_multipart", "uvicorn")
_UVICORN: dict[str, Any] = {
    "ws": "none",
    "lifespan": "off",
    "log_config": None,
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "limit_concurrency": 500,
    "h11_max_incomplete_event_size": 32_768,
}
_GLANCE_SECONDS = 0.5


def check_address(address: Address, token: Token | None, *, no_token: bool) -> None:
    """Make sure that an address may be served, before anything is loaded.

    Raises:
        MissingExtraError: if a package is not installed.
        UsageError: if other computers could use it without a token, and that was not allowed.
        YoloFerError: if the port is taken.
    """
    for package in _PACKAGES:
        if find_spec(package) is None:
            raise MissingExtraError(package, "serve", "the HTTP API")
    if no_token and token is not None:
        raise UsageError("there is a token and `no_token`; leave out one of them")
    if token is None and not no_token and not address.is_local:
        raise UsageError(
            f"`host={address.host}` lets other computers in: set a token of your own in the "
            f"variable {VARIABLE} or with `token_file`, or let anyone in with `no_token`"
        )
    address.check_free()


def serve(
    predictor: Predictor,
    address: Address,
    limits: RequestLimits,
    *,
    token: Token | None = None,
    fetcher: Fetcher | None = None,
    say: Callable[[str], None] = print,
    log: Callable[[str], None] = print,
) -> None:
    """Answer requests until Ctrl-C or a request to terminate, then finish those in flight.

    Args:
        predictor: the predictor that finds the faces.
        address: the address to listen on.
        limits: how much requests may send, and how long they may take.
        token: the token that requests have to bring; None lets anyone in.
        fetcher: the fetcher of the images of URLs; None refuses them.
        say: called with a line that says where it listens.
        log: the function that is called with a line for each request.

    Raises:
        KeyboardInterrupt: in the end, if it was Ctrl-C.
        YoloFerError: if the address cannot be used.
    """
    with (
        until_stopped() as stopped,
        answering(predictor, address, limits, token=token, fetcher=fetcher, log=log) as thread,
    ):
        say(f"The HTTP API is at {address.url} (Ctrl-C ends it)")
        while not stopped.wait(_GLANCE_SECONDS):
            if not thread.is_alive():
                raise YoloFerError("the server ended by itself; its messages above say why")


@contextmanager
def answering(
    predictor: Predictor,
    address: Address,
    limits: RequestLimits,
    *,
    token: Token | None = None,
    fetcher: Fetcher | None = None,
    log: Callable[[str], None] = print,
) -> Iterator[threading.Thread]:
    """Answer requests in a thread while the block lasts, then finish those in flight.

    The arguments are those of `serve`.

    Raises:
        YoloFerError: if the address cannot be used.
    """
    import uvicorn

    from yolo_fer.serve.application import build
    from yolo_fer.serve.batcher import Batcher
    from yolo_fer.serve.connections import TimedConnection
    from yolo_fer.serve.gate import Gate
    from yolo_fer.serve.intake import Intake
    from yolo_fer.serve.metrics import ServerMetrics

    metrics = ServerMetrics()
    with address.bind() as taken, Batcher(predictor, limits, metrics) as batcher:
        intake = Intake(limits)
        metrics.watch(queue=lambda: batcher.in_hand, held=lambda: intake.held)
        gate = Gate(
            build(batcher, intake, fetcher, metrics, address.url.rstrip("/")),
            address=address,
            token=token,
            limits=limits,
            metrics=metrics,
            log=log,
        )
        server = uvicorn.Server(
            uvicorn.Config(
                gate,
                http=TimedConnection,
                timeout_graceful_shutdown=int(limits.timeout) + 5,
                **_UVICORN,
            )
        )
        # In a thread, so that signals are ours: uvicorn would end the process without a clean-up.
        thread = threading.Thread(target=server.run, args=([taken],), name="serve")
        thread.start()
        try:
            while thread.is_alive() and not server.started:
                thread.join(0.01)
            yield thread
        finally:
            gate.is_stopping = True
            server.should_exit = True
            thread.join()
