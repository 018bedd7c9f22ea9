"""Serving a case on an address."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable

import uvicorn

from karyokit.checks import problem
from karyokit.review.case import Case
from karyokit.web.access import Access, known_hosts
from karyokit.web.app import create_app

LOCAL = ("127.0.0.1", "localhost", "::1")
_SHORTEST_TOKEN = 16


def choose_token(host: str, token: str | None) -> str:
    """The token to ask for: the one given, a random one for an address that others reach, none on this machine alone.

    Raises ``ValueError`` for a token that could be guessed or does not fit into an address.
    """
    if token is None:
        return "" if host in LOCAL else secrets.token_urlsafe(24)
    if len(token) < _SHORTEST_TOKEN or not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in token):
        do = "Leave it out to have one made."
        raise ValueError(problem("token", f"have {_SHORTEST_TOKEN} or more letters, digits, - or _", f"{len(token)} characters", do))
    return token


def serve(case: Case, *, host: str = "127.0.0.1", port: int = 8710, token: str | None = None, announce: Callable[[str], None]) -> None:
    """Serve a case until it is interrupted; ``announce`` hears the address to open once the server listens.

    ``port`` 0 takes any free one. Raises ``OSError`` with a message where the address cannot be used.
    """
    secret = choose_token(host, token)
    with _listening(host, port) as listener:
        bound = int(listener.getsockname()[1])
        app = create_app(case, access=Access(known_hosts(host, bound), secret))
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, date_header=False)
        name = f"[{host}]" if ":" in host else host
        announce(f"http://{name}:{bound}/" + (f"?token={secret}" if secret else ""))
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens on the address."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise OSError(f"{host}:{port}: cannot be listened on ({error}). Choose another port with --port.") from error
