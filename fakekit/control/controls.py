"""The operations on accounts: the one implementation behind the control API and the handles of tests.

`fakekit.control.operations` lists the methods, and `fakekit.control.runner` calls them with arguments that
the table has validated. They return values that JSON can carry, and raise `fakekit.errors.FakekitError`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Unpack, overload

from fakekit.accounts.account import Account
from fakekit.accounts.registry import Accounts
from fakekit.api.event_stream import EventStream
from fakekit.contract.value_type import choice
from fakekit.control.har import Har, make_har
from fakekit.control.record_changes import ChangeControls
from fakekit.control.recorded_requests import (
    FILTERS,
    STREAM_SINCE,
    list_requests,
    list_unread,
    open_stream,
)
from fakekit.control.results import (
    AccountSummary,
    Done,
    FaultJson,
    Ledger,
    RequestFilters,
    RequestList,
)
from fakekit.control.state import StateControls
from fakekit.control.values import takes
from fakekit.errors import ControlError, NoRecordError, Problem
from fakekit.faults.settings import SettingField
from fakekit.import_lock import IMPORT_LOCK

if TYPE_CHECKING:
    from fakekit.faults.matched import ActiveFault
    from fakekit.fixtures.write import FixtureContent

MAX_EXPORT_CUSTOMERS = 10_000
"""Upper limit of customers in an exported world: its text is made in one piece, with the account locked."""


class Controls(ChangeControls, StateControls):
    """The control operations on one account, for the control API and for handles in this process.

    account: the state of one API key: its changes to records, faults, clock, snapshots and recorded requests.
        It is locked while a method that changes it runs.
    accounts: all accounts of the server.
    journal: the recorded requests of the account.
    """

    def __init__(self, account: Account, accounts: Accounts) -> None:
        super().__init__(account)
        self._accounts = accounts
        self.journal = account.journal

    def about(self) -> AccountSummary:
        """Return a summary of the account (the state of one API key): seed, counts, clock, snapshots, ..."""
        account = self._account
        last = account.journal.last()
        return {
            "key": account.key,
            "seed": account.world.seed,
            "customers": account.world.count_records("customers"),
            "own": account.has_custom_baseline,
            "changed": account.has_changed_records(),
            "requests": len(account.journal),
            "last_request": last.as_json() if last else None,
            "assumed": list(account.assumed),
            "assumptions": dict(account.baseline.assumptions.changed),
            "unused": [active.as_json() for active in account.unused_faults()],
            "callback_errors": list(account.callback_errors),
            "unread": list_unread(account.unread.copy()),
            "clock": self.clock(),
            "snapshots": account.snapshots,
            "before_reset": self._before_reset(),
        }

    @overload
    def requests(self, **filters: Unpack[RequestFilters]) -> RequestList: ...

    @overload
    def requests(self, format: Literal["har"], **filters: Unpack[RequestFilters]) -> Har: ...

    @takes(
        **FILTERS,
        format=SettingField(choice("json", "har"), note="`har` for an HTTP Archive; default `json`"),
    )
    def requests(
        self,
        format: str = "json",  # noqa: A002 (its name in the query)
        **filters: Unpack[RequestFilters],
    ) -> RequestList | Har:
        """Return the account's recorded requests, oldest first, and whether older ones were dropped.

        format: ``har`` returns them as an HTTP Archive instead.
        filters: see `RequestFilters`. With ``count`` this waits for so many requests.
        """
        requests = list_requests(self._account.journal, **filters)
        return make_har(requests["requests"]) if format == "har" else requests

    @takes(since=STREAM_SINCE)
    def stream(self, since: int = 0) -> EventStream:
        """Return the account's recorded requests as a stream of server-sent events, sent as they come.

        since: the number of a request, whose successors are streamed; by default all are.
        """
        return open_stream(self._account.journal, since, self._accounts.last_number())

    def forget_requests(self) -> Done:
        """Delete the account's recorded requests and its list of assumptions that responses relied on."""
        self._account.journal.clear()
        self._account.assumed.clear()
        return Done(done=True)

    def ledger(self) -> Ledger:
        """Return how many recorded responses are documented, standard and assumed, and on which assumptions.

        An assumption that only responses relied on that are not recorded any more has a count of 0.
        """
        account, entries = self._account, list(self._account.journal)
        counts = Counter(dict.fromkeys(account.assumed, 0))
        for entry in entries:
            counts.update(entry.assumed)
        truths = Counter(entry.truth for entry in entries)
        values = account.baseline.assumptions
        return {
            "responses": {kind: truths[kind] for kind in ("documented", "standard", "assumed")},
            "assumptions": [
                {
                    "name": name,
                    "value": values[name],
                    "default": values.table[name].value,
                    "compared": values.checks[name].label if name in values.checks else "",
                    "requests": count,
                }
                for name, count in counts.most_common()
            ],
            "truncated": account.journal.truncated,
        }

    def faults(self) -> list[FaultJson]:
        """Return the account's faults and stubs as JSON, each with its number and counts."""
        return [active.as_json() for active in self._account.active_faults.all()]

    def add_fault(self, fault: Mapping[str, object]) -> FaultJson:
        """Add a fault and return it as JSON, with the number that identifies it.

        fault: ``{"fault": "fail", "status": 503}``.

        Raises `FaultError` for an invalid fault, or one too many.
        """
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        return self._account.add_fault(read_fault(fault, "fault")).as_json()

    def remove_fault(self, number: int | str) -> Done:
        """Remove a fault or stub by its number, an int or digits.

        Raises `NoRecordError` when no fault has the number.
        """
        digits = str(number)
        is_number = digits.isascii() and digits.isdecimal()
        if not (is_number and self._account.remove_faults(int(digits[:18]))):
            raise NoRecordError(Problem("fault", "no fault has this id"))
        return Done(done=True)

    def clear_faults(self) -> Done:
        """Remove all faults and stubs, also those that the settings gave to the account."""
        self._account.remove_faults()
        return Done(done=True)

    def stubs(self) -> list[FaultJson]:
        """Return the account's stubs as JSON, with their counts, also those that are used up.

        A stub is a fault of the kind ``respond``: a response that requests get instead of the usual one.
        """
        return [active.as_json() for active in self._stubs()]

    def add_stub(self, stub: Mapping[str, object]) -> FaultJson:
        """Add a stub, a response that requests get instead of the usual one, and return it as JSON.

        stub: a fault of the kind ``respond``; ``"fault": "respond"`` may be left out.

        Raises `FaultError` for an invalid stub, or one too many.
        """
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        return self._account.add_fault(read_fault({"fault": "respond", **stub}, "stub")).as_json()

    def clear_stubs(self) -> Done:
        """Remove all stubs (faults of the kind ``respond``); other kinds of faults stay."""
        for active in self._stubs():
            self._account.remove_faults(active.number)
        return Done(done=True)

    @takes(
        what=SettingField(choice("changes", "world"), note="`changes` by default"),
        form=SettingField(choice("yaml", "json"), note="`yaml` by default"),
    )
    def export(self, what: str = "changes", form: str = "yaml") -> str:
        """Return the account's records as the text of a fixture file.

        what: "changes" for what was added, edited and removed; "world" for all records.
        form: "yaml" or "json".

        Raises `ControlError` for a world of more than `MAX_EXPORT_CUSTOMERS` customers.
        """
        customer_count = self._account.world.count_records("customers")
        if what == "world" and customer_count > MAX_EXPORT_CUSTOMERS:
            message = f"is limited to worlds of {MAX_EXPORT_CUSTOMERS:,} customers"
            write = "changes, or use `fakekit generate`"
            raise ControlError(Problem("export", message, f"{customer_count:,}", write))
        with IMPORT_LOCK:
            from fakekit.fixtures.write import as_json, as_yaml

        return "".join((as_json if form == "json" else as_yaml)(account_content(self._account, what)))

    def _stubs(self) -> list[ActiveFault]:
        """Return the account's faults of the kind ``respond``, with their numbers and counts."""
        return [active for active in self._account.active_faults.all() if active.fault.kind == "respond"]


def account_content(account: Account, scope: str) -> FixtureContent:
    """Return an account's records as the content of a fixture file, for `export`.

    No other thread changes the account meanwhile.
    scope: "changes" for its added, edited and removed records; "world" for all records.
    """
    with IMPORT_LOCK:
        from fakekit.fixtures.write import FixtureContent

    world = account.world
    world_text = f"seed {world.seed}, {world.sizes['customers']} customers"
    with account.lock:
        if scope == "world":
            records = {name: list(account.records(name)) for name in world.resources}
            return FixtureContent(
                f"The world of {account.key}: {world_text}.", records, population=0, with_empty=True
            )
        records = {name: list(account.changed_records(name)) for name in world.resources}
        removed = {name: account.removed_ids(name) for name in world.resources}
        return FixtureContent(f"What {account.key} changed: {world_text}.", records, removed=removed)
