"""The part of a handle that reads, waits for and asserts the requests of an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fakekit.accounts.capacity import ENTRIES
from fakekit.accounts.recorded_request import RecordedRequest
from fakekit.testing.verification import HeaderPattern, RequestPattern, check_count, check_timeout, verify
from fakekit.testing.wrong_names import check_arguments
from fakekit.unpatched import monotonic, sleep

if TYPE_CHECKING:
    from fakekit.control.controls import Controls

POLL_SECONDS = 10.0
"""How many seconds `wait_for` lets the server wait before it reads the journal again."""


@check_arguments
class RequestsHandle:
    """The requests that an account got: what they were, and assertions about them. `Handle` inherits it.

    control: has the account's control operations as methods.
    """

    def __init__(self, control: Controls) -> None:
        self._control = control

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests to this account so far, oldest first; only the last 1,000 are stored."""
        return self._fetch_requests()[0]

    @property
    def last_request(self) -> RecordedRequest | None:
        """The latest request to this account, or None when there was none."""
        requests = self.requests
        return requests[-1] if requests else None

    def forget_requests(self) -> None:
        """Empty the account's journal, so that later assertions are only about requests from now on.

        The list of assumptions that responses relied on (`Handle.assumptions`) is emptied too.
        """
        self._control.forget_requests()

    def assert_requested(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        query: Mapping[str, object] | None = None,
        headers: HeaderPattern | None = None,
        status: int | None = None,
        times: int | None = None,
    ) -> list[RecordedRequest]:
        """Assert that the account got a request like this, and return the requests that match.

        Raises AssertionError when it did not; the message lists the closest requests and how each differs.
        Raises `fakekit.errors.PatternError` for what no request can match: a whole URL, a path with a query,
        a method that HTTP does not know.

        method, path: ``"POST", "customers/add"``; ``*`` is any, and in a path one segment.
        json, query: fields that the request must have, with these values; it may have others.
        headers: that the request must have: their values, ``...`` for any value, None for a header that it
            must not have. The journal has the values of a few headers only; see the page on the journal.
        status: of the response.
        times: how many requests must match exactly; None for at least one, 0 for none.
        """
        pattern = RequestPattern(method, path, json, query, status, headers)
        return verify(pattern, times, *self._fetch_requests())

    def wait_for(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        query: Mapping[str, object] | None = None,
        headers: HeaderPattern | None = None,
        status: int | None = None,
        times: int = 1,
        timeout: float = 5.0,
    ) -> list[RecordedRequest]:
        """Block until the account got at least `times` requests like this, and return those that match.

        Requests that came before the call count. Raises AssertionError when `timeout` has passed; the message
        lists the closest requests. Raises `fakekit.errors.PatternError` for what no request can match.

        method, path, json, query, headers, status: see `assert_requested`.
        timeout: in seconds.
        """
        pattern = RequestPattern(method, path, json, query, status, headers)
        check_count(times)
        check_timeout(timeout)
        deadline = monotonic() + timeout
        while True:
            requests, truncated = self._fetch_requests()
            matching = pattern.filter(requests)
            remaining = deadline - monotonic()
            if len(matching) >= times:
                return matching
            if remaining <= 0:
                verify(pattern, max(times, 1), requests, truncated)
            # Let the server wait for one more request. A full journal never has more: it is read in a loop.
            seconds = round(min(max(remaining, 0.0), POLL_SECONDS), 3)
            self._control.requests(count=min(len(requests) + 1, ENTRIES), timeout=seconds)
            if len(requests) >= ENTRIES:
                sleep(min(seconds, 0.05))

    def _fetch_requests(self) -> tuple[list[RecordedRequest], bool]:
        """Return all requests in the account's journal, and whether it has dropped older ones."""
        response = self._control.requests()
        return [RecordedRequest.from_json(entry) for entry in response["requests"]], response["truncated"]
