"""Where something listens: a host, a port, and the names under which it is asked."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from yolo_fer.errors import UsageError, YoloFerError

LOCALHOST = "127.0.0.1"
_ANYWHERE = {"0.0.0.0": LOCALHOST, "::": "::1"}  # noqa: S104 - where that is on this computer


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens.

    Args:
        host: the name or number of an interface of this computer.
        port: the port, 1 to 65535.
        names: the names under which it may be asked, besides those of this computer.
    """

    host: str
    port: int
    names: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether only this computer can reach it."""
        return self.host in (LOCALHOST, "localhost", "::1")

    @property
    def url(self) -> str:
        """What to type into a browser on this computer."""
        host = _ANYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    def bind(self) -> socket.socket:
        """Take the port; no one can connect to it before something listens on it.

        Raises:
            UsageError: if it is no address of this computer.
            YoloFerError: if the port is taken.
        """
        try:
            family, kind, protocol, _, where = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
        except (OSError, UnicodeError) as error:
            raise UsageError(f"`host={self.host}`: no such address ({error})") from error
        taken = socket.socket(family, kind, protocol)
        if os.name != "nt":  # there it would allow to take a port away from its owner
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(where)
        except OSError as error:
            taken.close()
            raise YoloFerError(
                f"port {self.port} of {self.host} cannot be used ({error.strerror}); "
                "name another one with `port`"
            ) from error
        return taken

    def check_free(self) -> None:
        """Make sure that nothing else listens there.

        Raises:
            UsageError: if it is no address of this computer.
            YoloFerError: if the port is taken.
        """
        self.bind().close()
