"""Whose word counts for the certificate of an https:// or rtsps:// server."""

from __future__ import annotations

import ssl
from importlib import import_module

ADVICE = (
    "if it is your own camera and signs its certificate itself, add `trust_certificate`, "
    "or name the certificate in SSL_CERT_FILE"
)


def context(trust: bool) -> ssl.SSLContext:
    """Return how Python connects.

    Args:
        trust: accept any certificate, so that it is not known who answers.
    """
    made = ssl.create_default_context(cafile=_authorities())
    if trust:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def ffmpeg_options(trust: bool) -> dict[str, str]:
    """Return how FFmpeg connects, which by itself takes any certificate; as `context`."""
    if trust:
        return {"tls_verify": "0"}
    authorities = _authorities()
    return {"tls_verify": "1"} | ({} if authorities is None else {"ca_file": authorities})


def is_refused(error: BaseException) -> bool:
    """Return whether a certificate is the reason why a connection failed."""
    return isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError)


def _authorities() -> str | None:
    """Return the file of those who vouch for others; SSL_CERT_FILE names another one."""
    found = ssl.get_default_verify_paths().cafile
    if found is not None:
        return found
    try:  # where the system keeps them elsewhere than in a file
        return str(import_module("certifi").where())
    except ImportError:
        return None
