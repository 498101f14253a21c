"""`Handle`: what a test holds of a fake, that is its address, a key and the control of its account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekit.accounts.journal import ENTRIES
from fakekit.errors import NoRecordError, Problem, show
from fakekit.testing.handle_clock import AccountControl, HandleClock
from fakekit.testing.verification import RecordedRequest, RequestPattern, check_count, verify
from fakekit.unpatched import monotonic, sleep

POLL_SECONDS = 10.0
"""How long `Handle.wait_for` waits before it looks again at what there is, in seconds."""

__tracebackhide__ = True  # pytest shows the line of the test, not ours


class Handle:
    """An account of a running fake: its address for the code under test, its controls for the test.

    origin: ``http://127.0.0.1:40123``.
    base_url: the origin and ``/api/v1``, what a client is configured with.
    api_key: the account's key, ``fk_...``.
    clock: the account's time, which a test can freeze and move.
    >>> import fakekit, requests
    >>> with fakekit.FakeServer() as xtrakit:
    ...     response = requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=5)
    ...     ama = xtrakit.add_customer(customer_name="Ama Mensah")
    ...     jane = xtrakit.customer(1)
    >>> response.json()["message"], jane["customer_name"]
    ('Customer found', 'Jane Doe')
    >>> ama["id"], ama["customer_country"]
    (51, 'Ghana')
    """

    def __init__(self, origin: str, api_key: str, control: AccountControl) -> None:
        self.origin = origin
        self.base_url = f"{origin}/api/v1"
        self.api_key = api_key
        self.clock = HandleClock(control)
        self._control = control

    @property
    def headers(self) -> dict[str, str]:
        """The headers that authorise a request: ``{"Authorization": "Bearer fk_..."}``."""
        return {"Authorization": f"Bearer {self.api_key}"}

    def url(self, path: str) -> str:
        """Return the URL of a path of the vendor's API: of ``customers/1`` or ``/api/v1/customers/1``."""
        path = path.lstrip("/")
        return f"{self.origin}/{path}" if path.startswith("api/v1/") else f"{self.base_url}/{path}"

    def record(self, resource: str, key: int | str) -> dict[str, Any]:
        """Return a record as the API's fetch answers it, to compare with. Raises `NoRecordError`.

        resource: as fixture files spell it: ``customers``, ``sales``, ``items``.
        key: what names it in a path: the id, of a sale the ``invoice_code``, of an item the ``item_code``.
        """
        record: dict[str, Any] = self._control(
            "record", resource=resource, named=_check_record_key(resource, key)
        )
        return record

    def add(self, resource: str, /, **fields: Any) -> dict[str, Any]:
        """Add a record and return it, as the API will answer it. Raises `RefusedRecordError`.

        fields: required ones that are not given are filled in as the generated world would, optional ones are
            null. Its id follows the largest there ever was, unless it is given.
        """
        added: dict[str, Any] = self._control("add", resource=resource, fields=fields)
        return added

    def change(self, resource: str, key: int | str, /, **fields: Any) -> dict[str, Any]:
        """Change some fields of a record and return it. Raises `RefusedRecordError`, `NoRecordError`."""
        record_key = _check_record_key(resource, key)
        changed: dict[str, Any] = self._control("change", resource=resource, named=record_key, fields=fields)
        return changed

    def remove(self, resource: str, key: int | str) -> None:
        """Remove a record, as a DELETE would. Raises `NoRecordError` when there is none."""
        self._control("remove", resource=resource, named=_check_record_key(resource, key))

    def sale_items(self, invoice_code: int | str) -> list[dict[str, Any]]:
        """Return the lines of a sale, as the API's fetch answers them beside it. Raises `NoRecordError`."""
        lines: list[dict[str, Any]] = self._control("lines", resource="sales", named=invoice_code)
        return lines

    def customer(self, key: int) -> dict[str, Any]:
        """Return a customer by id: ``record("customers", key)``. Raises `NoRecordError`."""
        return self.record("customers", key)

    def group(self, key: int) -> dict[str, Any]:
        """Return a customer group by id: ``record("customer_groups", key)``. Raises `NoRecordError`."""
        return self.record("customer_groups", key)

    def add_customer(self, **fields: Any) -> dict[str, Any]:
        """Add a customer and return it: ``add_customer(customer_name="Ama")``, see `add`."""
        return self.add("customers", **fields)

    def add_group(self, **fields: Any) -> dict[str, Any]:
        """Add a customer group and return it: ``add_group(group_name="Regulars")``, see `add`."""
        return self.add("customer_groups", **fields)

    @property
    def about(self) -> dict[str, Any]:
        """A summary of the account, as ``GET /_fakekit/accounts/KEY`` answers it."""
        about: dict[str, Any] = self._control("about")
        return about

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The names of the assumptions that the responses to this account relied on so far."""
        return tuple(self.about["assumed"])

    def reset(self) -> None:
        """Go back to the state of a new account; only the journal stays."""
        self._control("reset")

    # --- what it was asked ----------------------------------------------------------------------

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests to this account so far, oldest first; at most the last thousand."""
        return self._fetch_requests()[0]

    @property
    def last_request(self) -> RecordedRequest | None:
        """The latest request to this account, or None when there was none."""
        requests = self.requests
        return requests[-1] if requests else None

    def forget_requests(self) -> None:
        """Empty the journal, so that later assertions are only about requests from now on."""
        self._control("forget_requests")

    def assert_requested(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        status: int | None = None,
        times: int | None = None,
    ) -> list[RecordedRequest]:
        """Assert that the account got such a request, and return those that match.

        method, path: ``customers/add``; ``*`` is any, and in a path one segment.
        json, query: fields that must have come with these values; others may have.
        status: what must have been answered.
        times: how often exactly; at least once where it is None. 0 asserts that it was not asked.

        AssertionError lists the closest requests and how each differs. Raises `fakekit.errors.PatternError`
        for what no request can match: a whole URL, a path with a query, a method that HTTP does not know.
        """
        pattern = RequestPattern(method, path, json, query, status)
        matching, recorded, truncated = self._match_requests(pattern)
        verify(pattern, matching, recorded, times, truncated)
        return matching

    def wait_for(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        status: int | None = None,
        times: int = 1,
        timeout: float = 5.0,
    ) -> list[RecordedRequest]:
        """Block until the account got `times` such requests (see `assert_requested`); return them.

        timeout: in seconds, at most 60. AssertionError when they have passed.
        """
        pattern = RequestPattern(method, path, json, query, status)
        check_count(times)
        deadline = monotonic() + timeout
        while True:
            matching, recorded, truncated = self._match_requests(pattern)
            remaining = deadline - monotonic()
            if len(matching) >= times:
                return matching
            if remaining <= 0:
                verify(pattern, matching, recorded, max(times, 1), truncated)
            # One more than there are; a full journal has no more, so that it is looked at again and again.
            seconds = round(min(max(remaining, 0.0), POLL_SECONDS), 3)
            self._control("requests", count=min(len(recorded) + 1, ENTRIES), timeout=seconds)
            if len(recorded) >= ENTRIES:
                sleep(min(seconds, 0.05))

    def _match_requests(
        self, pattern: RequestPattern
    ) -> tuple[list[RecordedRequest], list[RecordedRequest], bool]:
        """Return the requests that match, all there are, and whether the journal dropped older ones."""
        recorded, truncated = self._fetch_requests()
        return [request for request in recorded if not pattern.differences(request)], recorded, truncated

    def _fetch_requests(self) -> tuple[list[RecordedRequest], bool]:
        response = self._control("requests")
        return [RecordedRequest.from_json(entry) for entry in response["requests"]], response["truncated"]

    # --- what goes wrong ------------------------------------------------------------------------

    def respond(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        json: Any = ...,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        **when: Any,
    ) -> int:
        """Answer such requests with this response (a stub); they are not carried out.

        It may break the contract and is then labelled. when: ``times``, ``after``, ``every``, see `fail`.
        Returns an id for `remove_fault`. Raises `fakekit.FaultError`.
        """
        body: dict[str, Any] = {} if json is ... else {"json": json}
        body |= {"text": text} if text is not None else {}
        body |= {"headers": dict(headers)} if headers else {}
        return self.add_fault(
            {"fault": "respond", "status": status, **body, **_fault_settings(method, path, when)}
        )

    def fail(self, what: int | str, method: str = "*", path: str = "*", **settings: Any) -> int:
        """Let such requests fail: ``fail(503, times=2)`` fails twice, then works.

        what: a status (401, 404, 422, 429, 500, 503) or the kind of a fault: ``"reset"``, ``"close"``,
            ``"truncate"``, ``"trickle"``, ``"garbage"``, ``"slow"``, ``"content-type"``, ``"drop"``,
            ``"null"``, ``"mistype"``.
        method, path: which requests; ``*`` is any, and in a path one segment.
        settings: of the fault, and ``times`` (how often at most), ``after`` (how many pass first),
            ``every`` (every so-manyth).

        Returns an id for `remove_fault`. Raises `fakekit.FaultError`.
        """
        kind: dict[str, Any] = {"fault": what} if isinstance(what, str) else {"fault": "fail", "status": what}
        return self.add_fault({**kind, **_fault_settings(method, path, settings)})

    def delay(self, seconds: float, method: str = "*", path: str = "*", **when: Any) -> int:
        """Delay the responses to such requests by up to 60 seconds; the rest is as for `fail`."""
        return self.add_fault({"fault": "slow", "seconds": seconds, **_fault_settings(method, path, when)})

    def add_fault(self, fault: Mapping[str, Any] | str) -> int:
        """Add a fault, ``"fail=503,times=2"`` or its JSON; return its id. Raises `fakekit.FaultError`."""
        added: int = self._control("add_fault", fault=fault)["id"]
        return added

    @property
    def faults(self) -> list[dict[str, Any]]:
        """The account's faults and stubs, each with how many requests it has `seen` and was `used` on."""
        listed: list[dict[str, Any]] = self._control("faults")
        return listed

    def remove_fault(self, fault: int) -> None:
        """Remove a fault or stub by its id. Raises `NoRecordError` when there is none."""
        self._control("remove_fault", number=fault)

    def clear_faults(self) -> None:
        """Remove all faults and stubs, also those that the account had from the start."""
        self._control("clear_faults")

    # --- back, and out --------------------------------------------------------------------------

    def snapshot(self) -> str:
        """Keep a copy of the account's changes; return its name. Raises `fakekit.SnapshotError`."""
        name: str = self._control("snapshot")["snapshot"]
        return name

    def restore(self, snapshot: str) -> None:
        """Go back to the changes of a snapshot, which stays. Raises `fakekit.SnapshotError`."""
        self._control("restore", name=snapshot)

    def export(self, what: str = "changes", form: str = "yaml") -> str:
        """Return a fixture file that loads back: of the account's changes, or of its whole world.

        what: ``changes`` or ``world``. form: ``yaml`` or ``json``. Raises `fakekit.ControlError`.
        """
        text: str = self._control("export", what=what, form=form)
        return text

    def __repr__(self) -> str:
        return f"<fakekit {self.base_url} {self.api_key}>"


def _fault_settings(method: str, path: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"method": method, "path": path, **settings}


def _check_record_key(resource: str, key: object) -> Any:
    """Return what names a record. Raises `NoRecordError`, before it is sent anywhere, for other types."""
    if type(key) not in (int, str):
        raise NoRecordError(Problem(f"{resource} {show(key)}", "is not an id", "", "a whole number"))
    return key
