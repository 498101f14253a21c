"""The control API, as one table: what may be done to an account, by HTTP and by the handles of tests.

Each operation is a method of `fakekit.control.controls.Controls`. The blueprint, its OpenAPI document and
the handle of a server elsewhere are made from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import RAISE, Schema

from fakekit.accounts.journal import ENTRIES
from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.pattern import RECORDED_METHODS
from fakekit.control.values import BooleanField, Key, Since, Table, Texts, TimeField, Words
from fakekit.faults.settings import Count, Json, Path, Seconds, SettingField, Word


class Strict(Schema):
    """Base of the schemas of operations: a name that the operation has not is refused."""

    class Meta:
        """marshmallow's options: a field that is not declared is refused."""

        unknown = RAISE


@dataclass(frozen=True)
class Operation:
    """One operation of the control API, for its HTTP routes, its OpenAPI document and its clients.

    name: the name of the method of `Controls` or `ServerControls` that does it.
    path: behind `fakekit.control.ROOT`; ``{key}`` in it is the account's.
    query, body: the settings that it reads; None for no body.
    whole: the name of the argument that takes the whole body, which the method then reads itself.
    status: the HTTP status of a success.
    response_schema: a JSON Schema of what it answers.
    media: the media type of the response.
    """

    name: str
    method: str
    path: str
    summary: str
    query: Mapping[str, SettingField] = field(default_factory=dict)
    body: Mapping[str, SettingField] | None = None
    whole: str = ""
    status: int = 200
    response_schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    media: str = "application/json"

    @property
    def takes_body(self) -> bool:
        """Whether a request of it has a JSON body; without, a body is refused."""
        return self.body is not None or bool(self.whole)

    @property
    def parameters(self) -> list[str]:
        """The names of its path's parameters, in order: ``["key", "number"]``."""
        return [part.partition("}")[0] for part in self.path.split("{")[1:]]

    def schema(self, part: str) -> Schema:
        """Return the schema that reads its "query" or its "body"."""
        fields: Mapping[str, Any] = (self.query if part == "query" else self.body) or {}
        return Strict.from_dict(dict(fields), name=f"{self.name}-{part}")()


_OBJECT = {"type": "object"}
_DONE = {"type": "object", "properties": {"done": {"const": True}}}
_LIST = {"type": "array", "items": _OBJECT}

_FILTERS: Mapping[str, SettingField] = {
    "method": Word(*RECORDED_METHODS, note="only those with this method"),
    "path": Path(note="only those of this path, `*` for one segment"),
    "status": Count(100, 599, note="only those that were answered so"),
    "since": Since(note="only those after the request of this number, or from this time on (ISO 8601)"),
    "count": Count(1, ENTRIES, note="wait until there are so many"),
    "timeout": Seconds(note="how long to wait for them at most; 5 seconds by default"),
}

OPERATIONS: tuple[Operation, ...] = (
    Operation("accounts", "GET", "", "List the accounts that are open.", response_schema=_LIST),
    Operation(
        "open",
        "POST",
        "",
        "Open an account, with a world or a clock of its own if need be; one that is open is forgotten.",
        body={
            "key": Key(note="its key; one that nobody had is made up if there is none"),
            "seed": Count(-(2**63), 2**63 - 1, note="the seed of its world"),
            "customers": Count(0, LARGEST_POPULATION, note="how many customers the seed gives"),
            "strict": BooleanField(note="whether rules of form refuse a request"),
            "fixtures": Texts(note="fixture files, as their JSON or as a list of name and text"),
            "assumptions": Table(note="values of assumptions, by name"),
            "faults": Words(note="faults it has from the start, as JSON or text"),
            "clock": Table(note="its clock, as `set_clock` takes it"),
        },
        status=201,
    ),
    Operation("strangers", "GET", "/-/requests", "List the requests without a valid key.", _FILTERS),
    Operation("about", "GET", "/{key}", "What there is to know of an account."),
    Operation("close", "DELETE", "/{key}", "Forget an account and all that is in it.", response_schema=_DONE),
    Operation(
        "reset",
        "POST",
        "/{key}/reset",
        "As it was when it was opened; the journal stays.",
        response_schema=_DONE,
    ),
    Operation("requests", "GET", "/{key}/requests", "List its requests, or wait for some.", _FILTERS),
    Operation("forget_requests", "DELETE", "/{key}/requests", "Empty its journal.", response_schema=_DONE),
    Operation(
        "faults",
        "GET",
        "/{key}/faults",
        "List its faults and stubs, and their counts.",
        response_schema=_LIST,
    ),
    Operation("add_fault", "POST", "/{key}/faults", "Add a fault.", whole="fault", status=201),
    Operation(
        "clear_faults", "DELETE", "/{key}/faults", "Take all faults and stubs away.", response_schema=_DONE
    ),
    Operation("remove_fault", "DELETE", "/{key}/faults/{number}", "Take one away.", response_schema=_DONE),
    Operation("stubs", "GET", "/{key}/stubs", "List its stubs.", response_schema=_LIST),
    Operation("add_stub", "POST", "/{key}/stubs", "Add a stub.", whole="stub", status=201),
    Operation("clear_stubs", "DELETE", "/{key}/stubs", "Take all stubs away.", response_schema=_DONE),
    Operation(
        "records",
        "GET",
        "/{key}/records/{resource}",
        "List its records, ascending by id.",
        {
            "after": Count(0, 10**18, note="only those with a larger id"),
            "limit": Count(1, 1000, note="at most so many; 100 by default"),
        },
        response_schema=_LIST,
    ),
    Operation("record", "GET", "/{key}/records/{resource}/{named}", "One record, as the API answers it."),
    Operation(
        "lines",
        "GET",
        "/{key}/records/{resource}/{named}/lines",
        "The lines of a sale.",
        response_schema=_LIST,
    ),
    Operation(
        "add",
        "POST",
        "/{key}/records/{resource}",
        "Add a record; what is not given is filled in.",
        whole="fields",
        status=201,
    ),
    Operation(
        "change", "PATCH", "/{key}/records/{resource}/{named}", "Change fields of a record.", whole="fields"
    ),
    Operation(
        "remove",
        "DELETE",
        "/{key}/records/{resource}/{named}",
        "Let a record be gone.",
        response_schema=_DONE,
    ),
    Operation("clock", "GET", "/{key}/clock", "What time it is for the account."),
    Operation(
        "set_clock",
        "PUT",
        "/{key}/clock",
        "Freeze or move its clock; with nothing in it, back to the real time.",
        body={
            "freeze": TimeField(
                note="let it stand still: `now`, or a time (`2024-08-04 08:23:45`, ISO 8601)"
            ),
            "advance": Json(note="move it by so many seconds, frozen or running"),
            "offset": Json(note="let it run so many seconds from the real time"),
        },
        whole="how",
    ),
    Operation("snapshots", "GET", "/{key}/snapshots", "List its snapshots.", response_schema=_OBJECT),
    Operation("snapshot", "POST", "/{key}/snapshots", "Keep a copy of what it changed.", status=201),
    Operation(
        "restore", "POST", "/{key}/snapshots/{name}/restore", "Go back to a snapshot.", response_schema=_DONE
    ),
    Operation(
        "drop_snapshot", "DELETE", "/{key}/snapshots/{name}", "Forget a snapshot.", response_schema=_DONE
    ),
    Operation(
        "export",
        "GET",
        "/{key}/export",
        "Its changes, or its whole world, as a fixture file.",
        {
            "what": Word("changes", "world", note="`changes` by default"),
            "form": Word("yaml", "json", note="`yaml` by default"),
        },
        media="text/plain; charset=utf-8",
        response_schema={"type": "string"},
    ),
    Operation(
        "alias",
        "PUT",
        "/{key}/alias",
        "Let requests with another key come to this account.",
        body={"alias": Key(required=True, note="the other key")},
        response_schema=_DONE,
    ),
    Operation(
        "end_alias", "DELETE", "/{key}/alias", "Let a key mean its own account again.", response_schema=_DONE
    ),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}
