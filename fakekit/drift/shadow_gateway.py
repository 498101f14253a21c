"""The vendor's hosts on a port of this machine, from the real service, for `fakekit shadow`."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

import h11

from fakekit.drift.client import describe_error
from fakekit.drift.observed_stream import ObservedStream, PassedRequest
from fakekit.intercept.gateway import VendorHosts
from fakekit.intercept.relay import (
    Headers,
    RefusedRequestError,
    Route,
    forwarded_headers,
    make_response,
)
from fakekit.intercept.upstream import Upstream
from fakekit.server.request_target import origin_form
from fakekit.vendor import BASE_PATH, vendor_host

NO_SERVICE = "the service cannot be reached from here, or its certificate is not trusted"
_NO_HOST = "the Host of the request is none of the vendor's, so fakekit shadow does not send it on"
_PORTS = {"http": 80, "https": 443}


class ShadowGateway(VendorHosts):
    """Serves the vendor's hosts from the real service, and reports each request with its response.

    base_url: the base URL of the service, where it is not at the vendor's hosts; empty for these. A request
        then goes to the host that it names.
    tls: TLS settings with a certificate for the vendor's hosts, for the clients.
    environ: environment variables that name the user's own proxies, see `Upstream`.
    ca_file: the file with the certificates by which the service is verified; None for the system's.
    report: called with each request that passed, from the thread of the gateway; it must not block.

    A client gets a 502 when the service cannot be reached; that request is reported too.
    """

    def __init__(
        self,
        base_url: str,
        tls: ssl.SSLContext,
        environ: Mapping[str, str],
        ca_file: str | None,
        report: Callable[[PassedRequest], None],
    ) -> None:
        super().__init__(tls)
        self._base = urlsplit(base_url) if base_url else None
        self._upstream = Upstream(environ, reaches_vendor=True, ca_file=ca_file)
        self._report = report

    def route(self, request: h11.Request, scheme: str) -> Route:
        """Return the route to the service; the request is sent as it came.

        Below another base URL its path begins with that one's, and Host names that one's host. Raises
        `RefusedRequestError` (502) for a request to another host than the vendor's.

        scheme: of the client's connection; the service is asked by the same, or by that of the base URL.
        """
        target, headers = origin_form(request.target), forwarded_headers(request)
        if self._base is not None:
            base = self._base
            scheme, host, port = base.scheme, base.hostname or "", base.port
            target, headers = _below(base, target), _with_host(headers, base.netloc)
        else:
            host, port = _named_host(headers), None
        connect = partial(self._connect, request, scheme, host, port or _PORTS[scheme])
        return Route(f"{scheme}://{host}:{port}", connect, NO_SERVICE, target, headers)

    async def _connect(self, request: h11.Request, scheme: str, host: str, port: int) -> ObservedStream:
        """Return a connection to the service that is observed.

        Raises OSError when there is none, after reporting the request that wanted it, and
        `RefusedRequestError` when the environment names a proxy that is not HTTP.
        """
        try:
            return ObservedStream(await self._upstream.connect(scheme, host, port), self._report_passed)
        except OSError as error:
            method, target = request.method.decode("ascii"), origin_form(request.target).decode("latin-1")
            headers, problem = request.headers.raw_items(), describe_error(error)
            self._report(PassedRequest(method, target, headers, problem=problem))
            raise

    def _report_passed(self, passed: PassedRequest) -> None:
        """Report a request that passed, with the vendor's base path in the place of the base URL's."""
        path = self._base.path.rstrip("/") if self._base is not None else BASE_PATH
        passed.target = _move(passed.target, path, BASE_PATH)
        self._report(passed)


def _named_host(headers: Headers) -> str:
    """Return the vendor's host that a request's Host names. Raises `RefusedRequestError` for any other.

    A port behind the name is left out: the vendor has one service.
    """
    hosts = [value.decode("latin-1").partition(":")[0] for name, value in headers if name.lower() == b"host"]
    host = vendor_host(hosts[0]) if len(hosts) == 1 else None
    if host is None:
        raise RefusedRequestError(make_response(HTTPStatus.BAD_GATEWAY, _NO_HOST))
    return host


def _below(base: SplitResult, target: bytes) -> bytes:
    """Return a request target with the path of a base URL in the place of the vendor's base path."""
    return _move(target.decode("latin-1"), BASE_PATH, base.path.rstrip("/")).encode("latin-1")


def _move(target: str, old: str, new: str) -> str:
    """Return a request target below another path; one that is not below `old` stays.

    >>> _move("/api/v1/customers", "/api/v1", "/v2"), _move("/api/v10/customers", "/api/v1", "/v2")
    ('/v2/customers', '/api/v10/customers')
    """
    rest = target.removeprefix(old)
    is_below = target.startswith(old) and rest[:1] in ("", "/", "?")
    return new + rest if is_below else target


def _with_host(headers: Headers, host: str) -> Headers:
    """Return headers with another Host."""
    return [(b"Host", host.encode("ascii")), *((n, v) for n, v in headers if n.lower() != b"host")]
