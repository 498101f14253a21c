"""Redirecting this process's calls for the vendor's hosts without pytest, to a fake that runs anywhere."""

from __future__ import annotations

from contextlib import AbstractContextManager

from fakekit.intercept.gateway import serve_by_gateway
from fakekit.intercept.guard import Guard
from fakekit.intercept.redirect import redirect_calls


def leading(origin: str, api_key: str, *, strict: bool = False) -> AbstractContextManager[None]:
    """Return a context manager that redirects this process's calls for the vendor's hosts to an account.

    See `fakekit.intercept.redirect.redirect_calls`. Only the origin of the fake is known here, so the
    requests go through a gateway.

    origin: of the fake: ``http://127.0.0.1:40123``.
    api_key: of the account.
    strict: whether the fake checks the key that the client sent. By default every bearer token is replaced by
        `api_key`; a request without one stays without.
    """
    return redirect_calls(origin, api_key, serve_by_gateway(origin, api_key, strict), Guard())
