"""`yolo-fer serve`: an HTTP API that other programs send images to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.cli.console import load_system, print_warning
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.cli.system_options import DetectorFlags, InputSize


@dataclass(frozen=True)
class ServedDetector(DetectorFlags):
    """Which detector answers, and how."""

    imgsz: InputSize = None
    batch: Annotated[
        int,
        typer.Option(help="The most images that a graphics card is given at once; a CPU gets one."),
    ] = 8


@with_groups
def serve(
    *,
    detector: ServedDetector,
    queue: Annotated[
        int, typer.Option(help="The most images in hand; who sends more is told to come back.")
    ] = 64,
    host: Annotated[
        str, typer.Option(help="Listen there; 0.0.0.0 lets other computers in, and wants a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Listen on this port.")] = 8000,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name under which it may be asked, as behind a proxy."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="Holds the token that requests must bring; else YOLO_FER_TOKEN does."),
    ] = None,
    no_token: Annotated[
        bool, typer.Option("--no-token", help="Let other computers in without a token.")
    ] = False,
    allow_urls: Annotated[
        bool, typer.Option("--allow-urls", help="Fetch images from public URLs.")
    ] = False,
    max_upload: Annotated[int, typer.Option(help="Largest image file, in MB.")] = 20,
    max_total: Annotated[
        int, typer.Option(help="What all requests may have in hand together, in MB.")
    ] = 500,
    max_pixels: Annotated[int, typer.Option(help="Largest image, in millions of pixels.")] = 50,
    timeout: Annotated[
        float, typer.Option(help="Seconds that a request may take, half of them to be sent.")
    ] = 30.0,
) -> None:
    """Answer images that are sent over HTTP with the JSON that predict writes.

    POST an image to /predict; /docs says more. Ctrl-C or SIGTERM finishes what is in flight.
    """
    from yolo_fer.serve.limits import RequestLimits
    from yolo_fer.serve.server import check_address
    from yolo_fer.serve.server import serve as answer
    from yolo_fer.serve.token import find_token
    from yolo_fer.web.address import Address

    address = Address(host, port, tuple(allow_host or ()))
    limits = RequestLimits(
        upload_mb=max_upload,
        total_mb=max_total,
        megapixels=max_pixels,
        timeout=timeout,
        queue=queue,
        batch=detector.batch,
    )
    token = find_token(token_file)
    check_address(address, token, no_token=no_token)
    predictor = load_system(detector.options())
    if token is None and not address.is_local:
        print_warning(
            f"the HTTP API listens on {host}: anyone who reaches this computer can use it, without "
            "a token and unencrypted."
        )
    fetcher = None
    if allow_urls:
        from yolo_fer.serve.fetching import Fetcher

        # Half of the time, as for a body that is sent: the rest is for the work.
        fetcher = Fetcher(limits.upload_bytes, timeout / 2)
    answer(
        predictor,
        address,
        limits,
        token=token,
        fetcher=fetcher,
        say=typer.echo,
        log=partial(typer.echo, err=True),
    )
