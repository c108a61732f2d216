"""A visitor of the page without a browser: what Gradio's script sends, sent by the test."""

from __future__ import annotations

import json
import secrets
import urllib.request
from pathlib import Path
from typing import Any


class PageVisitor:
    """One session.

    Args:
        url: of the page, with a slash behind it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = secrets.token_hex(8)
        self._camera = secrets.token_hex(16)
        self._config = json.loads(self._get("config"))

    def look(self, frame: bytes) -> str:
        """Send a camera frame, a JPEG file, and return what is shown beside it."""
        told = self._get(f"camera?visitor={self._camera}&smooth=0.5", frame)
        return str(json.loads(told)["found"])

    def show_images(self, *paths: Path) -> str:
        """Upload images and return what is shown of them."""
        files = [self._upload(path) for path in paths]
        _, found, *_ = self._call("upload", "image-files", [files, False])
        return str(found)

    def _upload(self, path: Path) -> dict[str, Any]:
        head = (
            f'--b\r\nContent-Disposition: form-data; name="files"; filename="{path.name}"\r\n\r\n'
        )
        body = head.encode() + path.read_bytes() + b"\r\n--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        (place,) = json.loads(self._get("gradio_api/upload", body, headers))
        return {"path": place, "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def _call(self, event: str, element: str, data: list[Any]) -> list[Any]:
        """Run the function of an element's event, and return all that it gives."""
        self.join(event, element, data)
        with self._open(f"gradio_api/queue/data?session_hash={self._session}") as events:
            for line in events:
                if not line.startswith(b"data:"):
                    continue
                told = json.loads(line.removeprefix(b"data:"))
                if told["msg"] == "process_completed":
                    assert told["success"], told
                    given: list[Any] = told["output"]["data"]
                    return given
        raise AssertionError("the page hung up")

    def join(self, event: str, element: str, data: list[Any]) -> None:
        """Ask for the function of an element's event, and do not wait for what it gives."""
        (component,) = (
            part["id"]
            for part in self._config["components"]
            if part["props"].get("elem_id") == element
        )
        (function,) = (
            part["id"]
            for part in self._config["dependencies"]
            if [component, event] in [list(target) for target in part["targets"]]
        )
        message = {"data": data, "fn_index": function, "session_hash": self._session}
        headers = {"Content-Type": "application/json"}
        self._get("gradio_api/queue/join", json.dumps(message).encode(), headers)

    def _get(self, path: str, body: bytes | None = None, headers: Any = None) -> bytes:
        with self._open(path, body, headers) as answer:
            return bytes(answer.read())

    def _open(self, path: str, body: bytes | None = None, headers: Any = None) -> Any:
        request = urllib.request.Request(f"{self._url}{path}", body, headers or {})  # noqa: S310
        return urllib.request.urlopen(request, timeout=300)  # noqa: S310
