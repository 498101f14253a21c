"""Addresses of running fakes, and how they are asked: never through a proxy, never anywhere else."""

from __future__ import annotations

import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit

from fakekit.errors import Problem, SettingsError


# No proxy: a question to this machine must not leave it because HTTP_PROXY is set.
# No redirects: they could lead anywhere.
class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def opener(checked: bool = True) -> urllib.request.OpenerDirector:
    """What asks a fake; `checked` is whether the certificate of an HTTPS one is."""
    handlers: list[Any] = [urllib.request.ProxyHandler({}), _Stay]
    if not checked:
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)


def _plain(host: str) -> str:
    """A host as it will be looked up: letters of other widths and dots of other scripts are the plain ones.

    Raises UnicodeError for what is none.
    """
    return host if host.isascii() else host.encode("idna").decode().lower()


def read_origin(url: str, where: str = "URL") -> str:
    """The origin of a fake, of that or its base URL. Raises `SettingsError`, also for the real service.

    >>> read_origin("127.0.0.1:4310/api/v1")
    'http://127.0.0.1:4310'
    """
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, _ = _plain(unquote(parts.hostname or "")), parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if host and host.isdecimal():
        raise SettingsError(Problem(where, "is only a number", repr(url), f"127.0.0.1:{host}"))
    if parts.scheme not in ("http", "https") or not host or " " in host:
        raise SettingsError(Problem(where, "is not an address", repr(url), "http://127.0.0.1:4310"))
    if f".{host.rstrip('.')}".endswith(".xtrakit.com"):
        what = "is the real service, which fakekit never calls"
        raise SettingsError(Problem(where, what, host, "the address that fakekit serve printed"))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
