"""`Handle`: what a test has of a fake: its address, a key, and the control of the key's account."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fakekit.errors import NoAttributeError, Problem
from fakekit.import_lock import IMPORT_LOCK
from fakekit.testing.handle_clock import HandleClock
from fakekit.testing.handle_records import RecordsHandle
from fakekit.testing.unmet import CodeLocation, caller_location
from fakekit.testing.wrong_names import check_arguments, check_fail, suggest_attribute
from fakekit.vendor import BASE_PATH

if TYPE_CHECKING:
    from fakekit.control.controls import Controls
    from fakekit.control.results import AccountSummary, FaultJson
    from fakekit.faults.callback import Callback


@check_arguments
class Handle(RecordsHandle):
    """An account of a running fake: its address for the code under test, its control for the test.

    origin: ``http://127.0.0.1:40123``.
    base_url: the origin and ``/api/v1``, what a client is configured with.
    api_key: the account's key, ``fk_...``.
    clock: the account's time, which a test can freeze and move.
    control: has the account's control operations as methods.
    fault_location: the lines of code that added its faults by this handle, by the fault's id.

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

    def __init__(self, origin: str, api_key: str, control: Controls) -> None:
        super().__init__(control)
        self.origin = origin
        self.base_url = f"{origin}{BASE_PATH}"
        self.api_key = api_key
        self.clock = HandleClock(control)
        self.fault_location: dict[int, CodeLocation] = {}

    @property
    def headers(self) -> dict[str, str]:
        """A new dict of the headers that authorise a request: ``{"Authorization": "Bearer fk_..."}``."""
        return {"Authorization": f"Bearer {self.api_key}"}

    def url(self, path: str) -> str:
        """Return the full URL of a path of the vendor's API on this server.

        path: ``customers/1`` or ``/api/v1/customers/1``.
        """
        path = path.lstrip("/")
        return f"{self.origin}/{path}" if path.startswith(f"{BASE_PATH[1:]}/") else f"{self.base_url}/{path}"

    @property
    def about(self) -> AccountSummary:
        """A summary of the account: its world, settings, changes and assumptions, read anew each time.

        It is the answer to ``GET /_fakekit/accounts/KEY``.
        """
        return self._control.about()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The names of the assumptions that the responses relied on since the start or `forget_requests`.

        They are in the order of first use.
        """
        return tuple(self.about["assumed"])

    def reset(self) -> None:
        """Set the account back to its first state: records, faults and clock; snapshots are deleted.

        The journal of requests and the list of `assumptions` stay. `undo_reset` brings back the rest.
        """
        self._control.reset()
        self.fault_location.clear()

    def undo_reset(self) -> None:
        """Bring back what the last reset removed: records, faults, snapshots and clock.

        What was changed since that reset is lost. Raises `fakekit.SnapshotError` when there is nothing to
        undo: no reset, or it was undone.
        """
        self._control.undo_reset()
        self.fault_location.clear()

    # --- what goes wrong ------------------------------------------------------------------------

    def respond(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        json: object = ...,
        text: str | None = None,
        content: bytes | None = None,
        callback: Callback | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
        request_json: object = ...,
        request_headers: Mapping[str, str] | None = None,
        **when: object,
    ) -> int:
        """Answer requests of this method and path with this response (a stub) from now on; no record changes.

        A response that breaks the vendor's contract is sent all the same; its header Fakekit-Note says so.
        Returns an id for `remove_fault`. Raises `fakekit.FaultError`.

        method, path: ``"GET", "customers/*"``; ``*`` is any, and in a path one segment.
        json: the body as JSON; None is null, ``...`` is no JSON body.
        text, content: the body as text or as bytes, instead of `json`.
        callback: called with the request (a `fakekit.StubRequest`) in a thread of the server, which must be
            in this process; returns JSON, text, bytes, (status, body) or (status, body, headers).
        headers: of the response.
        query, request_headers: that a request must have for this response, by name; ``*`` is any value.
        request_json: fields that its JSON body must have, with these values (None: null); it may have others.
        when: ``times`` (how many at most), ``after`` (how many pass first), ``every`` (3 for each third one).
        """
        body: dict[str, object] = {} if json is ... else {"json": json}
        body |= {"text": text} if text is not None else {}
        body |= {"content": b64encode(content).decode()} if content is not None else {}
        body |= {"callback": callback} if callback is not None else {}
        body |= {"headers": dict(headers)} if headers else {}
        body |= {"query": dict(query)} if query else {}
        body |= {"request_headers": dict(request_headers)} if request_headers else {}
        body |= {} if request_json is ... else {"request_json": request_json}
        return self.add_fault(
            {"fault": "respond", "status": status, **body, "method": method, "path": path, **when}
        )

    def fail(self, status: int | str, method: str = "*", path: str = "*", **settings: object) -> int:
        """Let requests of this method and path fail from now on: ``fail(503, times=2)`` fails two, then none.

        status: from 400 to 599; or, for a request that fails in another way, the name of the fault:
            ``"reset"``, ``"close"``, ``"truncate"``, ``"trickle"``, ``"garbage"``, ``"slow"``,
            ``"content-type"``, ``"drop"``, ``"null"``, ``"mistype"``.
        method, path: ``"GET", "customers/*"``; ``*`` is any, and in a path one segment.
        settings: of the fault, and ``times`` (how many requests fail at most), ``after`` (how many pass
            first), ``every`` (3 lets each third one fail).

        Returns an id for `remove_fault`. Raises `fakekit.FaultError`.
        """
        check_fail(status, settings)
        kind = {"fault": status} if isinstance(status, str) else {"fault": "fail", "status": status}
        return self.add_fault({**kind, "method": method, "path": path, **settings})

    def delay(self, seconds: float, method: str = "*", path: str = "*", **when: object) -> int:
        """Delay the responses to requests of this method and path from now on.

        Returns an id for `remove_fault`. Raises `fakekit.FaultError`.

        seconds: up to 60.
        method, path: ``"GET", "customers/*"``; ``*`` is any, and in a path one segment.
        when: ``times`` (how many at most), ``after`` (how many pass first), ``every`` (3 for each third one).
        """
        return self.add_fault({"fault": "slow", "seconds": seconds, "method": method, "path": path, **when})

    def add_fault(self, fault: Mapping[str, object] | str) -> int:
        """Add a fault to the account and return its id, for `remove_fault`.

        fault: text like ``"fail=503,times=2"``, or a dict like ``{"fault": "fail", "status": 503}``.

        Raises `fakekit.FaultError` for a wrong one, or one too many.
        """
        if isinstance(fault, str):
            with IMPORT_LOCK:
                from fakekit.faults.registry import read_fault

            fault = read_fault(fault, "fault").as_json()
        number: int = self._control.add_fault(fault=fault)["id"]
        self.fault_location[number] = caller_location()
        return number

    @property
    def faults(self) -> list[FaultJson]:
        """The account's faults and stubs as dicts: ``fault`` (its name), its settings, ``id`` and two counts.

        ``seen`` counts the requests that matched, ``used`` those that it was applied to.
        """
        return self._control.faults()

    def remove_fault(self, fault: int) -> None:
        """Remove a fault, or a response that `respond` has set, by its id.

        Raises `NoRecordError` when there is none.
        """
        self._control.remove_fault(number=fault)
        self.fault_location.pop(fault, None)

    def clear_faults(self) -> None:
        """Remove all faults and stubs, also those that the account had from the start."""
        self._control.clear_faults()
        self.fault_location.clear()

    # --- back, and out --------------------------------------------------------------------------

    def snapshot(self) -> str:
        """Save a copy of the account's changed records; return its name, for `restore`.

        Raises `fakekit.SnapshotError` when the account has no room for another one.
        """
        return self._control.snapshot()["snapshot"]

    def restore(self, snapshot: str) -> None:
        """Set the account's records back to a snapshot; journal, faults and clock stay as they are.

        snapshot: its name, from `snapshot`. Raises `fakekit.SnapshotError` when there is none.
        """
        self._control.restore(name=snapshot)

    def export(self, what: str = "changes", form: str = "yaml") -> str:
        """Return the account's records as the text of a fixture file, which a fake can be started with.

        what: ``changes`` for the records that were added, changed or removed; ``world`` for all records.
        form: ``yaml`` or ``json``.

        Raises `fakekit.ControlError` for other values.
        """
        return self._control.export(what=what, form=form)

    if not TYPE_CHECKING:  # a type checker reports an unknown name itself

        def __getattr__(self, name: str) -> object:
            """Raise `NoAttributeError` for a name that a handle lacks, with the handle's own word for it."""
            write = "" if name.startswith("_") else suggest_attribute(name, dir(self))
            raise NoAttributeError(Problem("", f"a handle has no attribute {name!r}", "", write))

    def __repr__(self) -> str:
        """Return the base URL and the key, which is no secret."""
        return f"<fakekit {self.base_url} {self.api_key}>"
