"""Who may ask: the right host name, the token, the same origin, and not too much at once.

A page of another site must neither read nor write here, even when its name is made to point to this machine. So the `Host`
must be one that the server is known by, requests that change something must come from a page of this server, and answers
forbid to be framed or to load anything from elsewhere.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "karyokit_token"
MOST_BYTES = 2_000_000
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True)
class Access:
    """What a server accepts: ``hosts`` (``name:port``) it is known by, None for any; ``token``, ``""`` for none."""

    hosts: frozenset[str] | None
    token: str = ""


class AccessGuard:
    """ASGI middleware that lets through what `Access` allows and adds the headers that guard the page."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        guarded = _with_headers(send)
        refusal = self._refusal(scope, headers)
        if refusal:
            await _answer(guarded, *refusal)
        elif self.access.token and not self._has_token(headers):
            await self._let_in(scope, guarded)
        else:
            await self._pass(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        """Status, code and words where a request is refused whoever makes it."""
        host = headers.get("host", "").lower()
        if len(headers.getlist("host")) != 1 or (self.access.hosts is not None and host not in self.access.hosts):
            return 403, "origin", "this server is not known by that name. Open the address that `karyokit serve` has printed."
        if scope["method"] in ("GET", "HEAD"):
            return None
        origin = headers.get("origin")
        foreign = headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        if foreign or (origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}")):
            return 403, "origin", "only the page of this server may change anything."
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return 400, "malformed", "the body must be JSON. Send it with Content-Type: application/json."
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or len(length) > 12 or int(length) > MOST_BYTES:
            return 413, "too_large", f"the body is over {MOST_BYTES} bytes. Send less at once."
        return None

    def _has_token(self, headers: Headers) -> bool:
        """Whether the token comes with the request; compared in constant time."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        offered = [given.strip()] if kind.lower() == "bearer" else []
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
            offered += [cookie.value] if cookie else []
        except CookieError:
            pass
        return any(_same(one, self.access.token) for one in offered)

    async def _let_in(self, scope: Scope, send: Send) -> None:
        """Take the token from the address of the first visit and keep it in a cookie; 401 without."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] != "/" or scope["method"] != "GET" or not _same(given, self.access.token):
            await _answer(send, 401, "token", "the token is missing or wrong. Open the address with `?token=` that was printed.")
            return
        cookie = f"{COOKIE}={self.access.token}; HttpOnly; SameSite=Strict; Path=/"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode("latin-1")), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on once its body is here and not too large, whatever length it announced."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MOST_BYTES:
                await _answer(send, 413, "too_large", f"the body is over {MOST_BYTES} bytes. Send less at once.")
                return
        waiting: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replayed() -> Message:
            return waiting.pop() if waiting else await receive()

        await self.app(scope, replayed, send)


def known_hosts(host: str, port: int) -> frozenset[str] | None:
    """Names that a server on ``host`` and ``port`` goes by; None (any) where it listens on all addresses.

    >>> sorted(known_hosts("127.0.0.1", 8000))
    ['127.0.0.1:8000', '[::1]:8000', 'localhost:8000']
    """
    if host in ("0.0.0.0", "::"):
        return None
    names: Iterable[str] = ("127.0.0.1", "localhost", "[::1]") if host in ("127.0.0.1", "localhost", "::1") else (host, f"[{host}]")
    return frozenset(f"{name}:{port}".lower() for name in names)


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode("utf-8"))


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return guarded


async def _answer(send: Send, status: int, code: str, words: str) -> None:
    body = json.dumps({"error": words, "code": code}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
