"""`yolo-fer app`: the page in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from yolo_fer.cli.console import load_system, print_warning
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.cli.system_options import DetectorFlags


@with_groups
def app(
    *,
    detector: DetectorFlags,
    host: Annotated[
        str, typer.Option(help="Listen there; 0.0.0.0 lets other computers use the page.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Listen on this port.")] = 7860,
    max_upload: Annotated[int, typer.Option(help="Largest upload, in MB.")] = 100,
    max_total: Annotated[int, typer.Option(help="All uploads and results together, in MB.")] = 2000,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name under which the page may be visited, as behind a proxy."),
    ] = None,
    max_seconds: Annotated[int, typer.Option(help="How much of a video is taken.")] = 120,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in a browser.")
    ] = False,
) -> None:
    """Show a page: the visitor's own camera live, and images and videos to upload.

    Nothing is sent to anybody else, and uploads are deleted after use. Ctrl-C ends it.
    """
    from yolo_fer.app.limits import Limits
    from yolo_fer.app.server import serve
    from yolo_fer.web.address import Address

    address = Address(host, port, tuple(allow_host or ()))
    limits = Limits(upload_mb=max_upload, total_mb=max_total, video_seconds=max_seconds)
    address.check_free()
    predictor = load_system(detector.options())
    if not address.is_local:
        print_warning(
            f"the page listens on {host}: anyone who reaches this computer can use it, without a "
            "password and unencrypted. Browsers give other computers' pages a camera only over "
            "https."
        )
    serve(predictor, address, limits, open_browser=open_browser, say=typer.echo)
