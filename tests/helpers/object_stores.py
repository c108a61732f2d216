"""An object store on this machine, as `s3://lab`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from yolo_fer.inputs import object_store


@contextmanager
def running_store() -> Iterator[Any]:
    """Start a store with an empty bucket `lab`; yields a client that writes to it."""
    for package in ("s3fs", "moto", "flask_cors"):
        pytest.importorskip(
            package, reason=f"{package}, of the extras s3 and dev, is not installed"
        )
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    # All servers of a process share what is stored.
    reset = Request(f"{address}/moto-api/reset", method="POST")  # noqa: S310
    urlopen(reset).close()  # noqa: S310
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_CONFIG_FILE", "none")
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("NO_PROXY", "127.0.0.1")
        forget_connections()
        client = boto3.client("s3")
        client.create_bucket(Bucket="lab")
        yield client
    server.stop()
    forget_connections()


def forget_connections() -> None:
    """Let what is read next connect anew, as the environment says then."""
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    object_store._store.cache_clear()


def upload(client: Any, folder: Path, prefix: str) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            key = f"{prefix}/{path.relative_to(folder).as_posix()}"
            client.put_object(Bucket="lab", Key=key, Body=path.read_bytes())
