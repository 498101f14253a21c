"""The results of the operations as JSON, where their fields are known."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from fakekit.accounts.journal import EntryJson
from fakekit.accounts.restorable import ChangeState

RecordJson = dict[str, Any]
"""A record as the vendor's API returns it; the type of a value depends on resource and field."""
FaultJson = dict[str, Any]
"""A fault or stub: its kind (``fault``), settings and counts; the type of a value depends on the kind."""


class Done(TypedDict):
    """The result of an operation that has nothing to return."""

    done: bool


class RecordChange(TypedDict):
    """What an account did with one record.

    id: of the record. named: its id or code, as paths have it.
    state: ``added``, ``changed`` or ``removed``.
    before: its values in the world, with its lines; None for an added one.
    now: its values in the account; None for a removed one.
    """

    resource: str
    id: int
    named: str
    state: ChangeState
    before: RecordJson | None
    now: RecordJson | None


class ChangeList(TypedDict):
    """The changed records of an account.

    counts: how many there are, by resource; only of resources that have any.
    changes: those that were asked for, ascending by id.
    """

    counts: dict[str, int]
    changes: list[RecordChange]


class PersonaJson(TypedDict):
    """A generated record that is hard to handle on purpose.

    named: its id or code, as paths have it. title: what makes it hard: "in no group".
    """

    resource: str
    id: int
    named: str
    title: str


class ClockState(TypedDict):
    """The clock of an account.

    now: its time in UTC, ISO 8601. offset: seconds from the real time, while the clock is not frozen.
    """

    now: str
    frozen: bool
    offset: float


class ReplacedState(TypedDict):
    """What the last reset of an account replaced.

    time: of the reset, in real time, ISO 8601 in UTC.
    records, faults, snapshots: how many there were. clock: whether it was frozen or moved.
    """

    time: str
    records: int
    faults: int
    snapshots: int
    clock: bool


class UnreadName(TypedDict):
    """A parameter or field that requests had and their endpoint does not read.

    endpoint: ``GET /api/v1/customers``.
    name: of the parameter or field; ``...`` for one that cannot be shown.
    nearest: the one that the endpoint reads and that the name is most like; empty for none.
    """

    endpoint: str
    name: str
    nearest: str


class AccountSummary(TypedDict):
    """The state of an account.

    customers: how many its world has at the start.
    own: whether its world or settings differ from the server's. changed: whether it has changed records.
    requests: how many its journal holds.
    assumed: the names of the assumptions that its responses relied on.
    assumptions: the values of those that differ from the defaults.
    unused: the faults that applied to no request, or to fewer than their ``times``.
    callback_errors: tracebacks of functions of a test that were to answer requests.
    unread: the parameters and fields that no endpoint read.
    snapshots: their names.
    before_reset: what `undo_reset` would bring back; null where there is nothing to undo.
    """

    key: str
    seed: int
    customers: int
    own: bool
    changed: bool
    requests: int
    last_request: EntryJson | None
    assumed: list[str]
    assumptions: dict[str, int | str]
    unused: list[FaultJson]
    callback_errors: list[str]
    unread: list[UnreadName]
    clock: ClockState
    snapshots: list[str]
    before_reset: ReplacedState | None


class RequestList(TypedDict):
    """Recorded requests, oldest first, and whether older ones were dropped."""

    requests: list[EntryJson]
    truncated: bool


class UnauthenticatedList(RequestList):
    """Recorded requests without a valid key.

    last_number: the largest number of a request in any journal of the server; 0 before the first one.
    """

    last_number: int


class RequestFilters(TypedDict, total=False):
    """Which recorded requests to list, and how long to wait for them; each filter may be left out.

    path: a pattern, ``customers/*``.
    text: contained in method, path, query, body or note, in upper or lower case.
    assumption: the name of one that the response relied on.
    only: ``problems`` for requests that were refused, changed by a fault or had fields that are not read.
    number: of the only request to list.
    since: the requests after the one with this number (an int), or from this time on (a float, seconds since
        1970).
    before: the requests before the one with this number.
    limit: how many to list at most, the latest of those that match.
    count: how many requests to wait for; without it nothing is waited for.
    timeout: for how many seconds at most, after which those that match are listed; 5 by default.
    """

    method: str
    path: str
    status: int
    text: str
    assumption: str
    only: Literal["problems"]
    number: int
    since: int | float
    before: int
    limit: int
    count: int
    timeout: float


class AssumptionUse(TypedDict):
    """An assumption that responses of an account relied on.

    value: the one in force; null for a rule, which has none. default: that of the table.
    compared: what a comparison with the real service found, ``confirmed 2026-11-26``; empty without one.
    requests: how many of the recorded responses relied on it.
    """

    name: str
    value: int | str | None
    default: int | str | None
    compared: str
    requests: int


class Ledger(TypedDict):
    """What the responses of an account relied on.

    responses: how many of the recorded ones are documented, standard and assumed, by these words.
    assumptions: those that any response relied on, the most frequent first.
    truncated: whether older requests were dropped, so that they are not in the counts.
    """

    responses: dict[str, int]
    assumptions: list[AssumptionUse]
    truncated: bool


class InterceptPort(TypedDict):
    """Where a server answers for the vendor's hosts.

    port: of 127.0.0.1. certificate: of the authority that clients have to trust, in PEM.
    """

    port: int
    certificate: str


class SnapshotName(TypedDict):
    """The name of a new snapshot, ``s1``."""

    snapshot: str


class SnapshotNames(TypedDict):
    """The names of an account's snapshots, oldest first."""

    snapshots: list[str]
