"""The HTTP client of a run: GETs to one base URL, slowly, with limits on size and time.

It uses h11 on a plain socket, as fakekit's other requests do, so that nothing has to be installed for it:
a certificate is always verified, a redirect is never followed, and no proxy sees the key.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from fakekit._version import __version__
from fakekit.addresses import is_loopback, read_origin
from fakekit.drift.responses import LONGEST_BODY, NoResponseError, OutgoingRequest, ReceivedResponse
from fakekit.drift.terms import Description
from fakekit.errors import Problem, SettingsError
from fakekit.testing.connection import LongBodyError, NotHttpError, send_request
from fakekit.unpatched import monotonic, sleep
from fakekit.vendor import BASE_PATH

READ_SECONDS = 10.0
"""How many seconds a connection, and each read, may take."""
TOTAL_SECONDS = 20.0
"""How many seconds a whole response may take."""


class BaseUrl(NamedTuple):
    """Where the API of a service is.

    origin: ``https://app.xtrakit.com``.
    path: the base path: ``/api/v1``.
    """

    origin: str
    path: str

    @property
    def host(self) -> str:
        """The name or address of the host, without a port."""
        return urlsplit(self.origin).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether the host can only be this machine."""
        return is_loopback(self.host)


def read_base_url(url: str, where: str = "BASE_URL") -> BaseUrl:
    """Return the base URL that a user wrote; an address without a path gets the vendor's base path.

    Raises `SettingsError` for what is no address, and for plain HTTP to another machine, which would show the
    key to everybody on the way.

    where: the name of the argument or variable, for the error.
    """
    origin = read_origin(url, where, allow_vendor=True)
    path = urlsplit(url if "://" in url else f"http://{url}").path.rstrip("/")
    if not re.fullmatch(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*", path):
        description = "has a path with characters that no URL has"
        raise SettingsError(Problem(where, description, "", f"{origin}{BASE_PATH}"))
    base = BaseUrl(origin, path or BASE_PATH)
    if not base.is_loopback and not origin.startswith("https:"):
        problem = "would send the key without encryption"
        raise SettingsError(Problem(where, problem, origin, f"https://{urlsplit(origin).netloc}"))
    return base


class HttpClient:
    """Sends the requests of a run to a real service; a call is a `Send`.

    base: where the API is.
    rate: how many requests are sent in a second at most; it waits before it sends.
    """

    def __init__(self, base: BaseUrl, rate: float = math.inf) -> None:
        self._base, self._pause = base, 1 / rate
        self._next = monotonic()

    def __call__(self, request: OutgoingRequest) -> ReceivedResponse:
        """Send a request and return the response. Raises `NoResponseError`, and RuntimeError for a bug.

        The traceback of neither has the key, not even as the value of a variable.
        """
        self._wait_for_turn()
        reason, failure = Description.BROKEN, ""
        try:
            return self._send(request)
        except LongBodyError:
            reason = Description.TOO_LONG
        except (OSError, NotHttpError) as error:
            reason = describe_error(error)
        except Exception as error:
            failure = type(error).__name__
        # Outside of `except`: as its context, the first error would keep the frames that have the headers.
        if failure:
            raise RuntimeError(f"the client of fakekit drift failed: {failure}")
        raise NoResponseError(reason)

    def _send(self, request: OutgoingRequest) -> ReceivedResponse:
        """Send a request. Raises OSError and `NotHttpError`."""
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"fakekit-drift/{__version__}",
        }
        if request.key is not None:
            headers["Authorization"] = f"Bearer {request.key.reveal()}"
        response = send_request(
            self._base.origin,
            "GET",
            f"{self._base.path}/{request.target}",
            timeout=READ_SECONDS,
            headers=headers,
            longest_body=LONGEST_BODY,
            total_timeout=TOTAL_SECONDS,
        )
        return ReceivedResponse(response.status, response.headers, response.body)

    def _wait_for_turn(self) -> None:
        """Wait until the next request may be sent."""
        now = monotonic()
        if now < self._next:
            sleep(self._next - now)
        self._next = max(now, self._next) + self._pause


def describe_error(error: Exception) -> Description:
    """Return what happened to a connection: not trusted, not there, too slow, or broken off."""
    if isinstance(error, TimeoutError):
        return Description.NO_ANSWER
    if type(error).__name__ == "SSLCertVerificationError":
        return Description.NOT_TRUSTED
    unreachable = isinstance(error, ConnectionRefusedError) or type(error).__name__ == "gaierror"
    return Description.UNREACHABLE if unreachable else Description.BROKEN
