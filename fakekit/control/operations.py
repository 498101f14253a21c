"""The table of the control API's operations: what HTTP clients and the handles of tests can do.

Each operation is a method of `fakekit.control.controls.Controls` or `ServerControls`. The HTTP routes, their
OpenAPI document and the client of a remote server are made from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import RAISE, Schema

from fakekit.accounts.journal import ENTRIES
from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.pattern import RECORDED_METHODS
from fakekit.control.values import BooleanField, FaultList, FixtureFiles, JsonObject, Key, Since, TimeField
from fakekit.faults.settings import ChoiceField, Count, Json, Path, Seconds, SettingField


class OperationSchema(Schema):
    """Base of the schemas that read the queries and bodies of operations: an unknown name is an error."""

    class Meta:
        """marshmallow's options: a field that is not declared is an error."""

        unknown = RAISE


@dataclass(frozen=True)
class Operation:
    """One operation of the control API, for its HTTP routes, its OpenAPI document and its clients.

    name: the name of the method of `Controls` or `ServerControls` that implements it; also its operationId.
    method, path: of its route; the path follows `fakekit.control.ROOT`, and ``{key}`` is the account's key.
    summary: a sentence for the OpenAPI document.
    query, body: the fields that validate the arguments in the query and the body, by name; no body if None.
    body_argument: the name of the argument that is the whole body, which the method then validates itself.
    status: the HTTP status of a success; 200 by default.
    response_schema: the JSON Schema of the response's body.
    media: the media type of the response; JSON by default.
    """

    name: str
    method: str
    path: str
    summary: str
    query: Mapping[str, SettingField] = field(default_factory=dict)
    body: Mapping[str, SettingField] | None = None
    body_argument: str = ""
    status: int = 200
    response_schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    media: str = "application/json"

    @property
    def takes_body(self) -> bool:
        """Whether requests have a JSON body; if not, a request with a body is rejected."""
        return self.body is not None or bool(self.body_argument)

    @property
    def parameters(self) -> list[str]:
        """The names of its path's parameters, in order: ``["key", "number"]``."""
        return [part.partition("}")[0] for part in self.path.split("{")[1:]]

    def schema(self, part: str) -> Schema:
        """Return a new marshmallow schema that validates the arguments in a part of the request.

        part: "query" or "body".
        """
        fields: Mapping[str, Any] = (self.query if part == "query" else self.body) or {}
        return OperationSchema.from_dict(dict(fields), name=f"{self.name}-{part}")()


_OBJECT = {"type": "object"}
_DONE = {"type": "object", "properties": {"done": {"const": True}}}
_LIST = {"type": "array", "items": _OBJECT}

_FILTERS: Mapping[str, SettingField] = {
    "method": ChoiceField(*RECORDED_METHODS, note="only those with this method"),
    "path": Path(note="only those with this path; `*` stands for one segment"),
    "status": Count(100, 599, note="only those with this response status"),
    "since": Since(note="only those after the request of this number, or from this time on (ISO 8601)"),
    "count": Count(1, ENTRIES, note="wait until so many requests match"),
    "timeout": Seconds(note="how long to wait for them at most; 5 seconds by default"),
}

OPERATIONS: tuple[Operation, ...] = (
    Operation("accounts", "GET", "", "List the open accounts.", response_schema=_LIST),
    Operation(
        "open",
        "POST",
        "",
        "Open an account, if needed with its own world and clock; one that is open is deleted first.",
        body={
            "key": Key(note="its key; a new random one by default"),
            # 64 bits, as clients in other languages have for whole numbers.
            "seed": Count(-(2**63), 2**63 - 1, note="the seed of its world"),
            "customers": Count(0, LARGEST_POPULATION, note="how many customers are generated"),
            "strict": BooleanField(note="whether rules of form reject a request"),
            "fixtures": FixtureFiles(
                note="fixture files: the JSON of one, or a list of objects with name and text"
            ),
            "assumptions": JsonObject(note="values of assumptions, by name"),
            "faults": FaultList(note="the faults that it starts with, as JSON or text"),
            "clock": JsonObject(note="its clock, as in the body of `set_clock`"),
        },
        status=201,
    ),
    Operation("strangers", "GET", "/-/requests", "List the requests without a valid key.", _FILTERS),
    Operation("about", "GET", "/{key}", "Get a summary of an account."),
    Operation("close", "DELETE", "/{key}", "Delete an account and everything in it.", response_schema=_DONE),
    Operation(
        "reset",
        "POST",
        "/{key}/reset",
        "Reset an account to a new one's state; its recorded requests stay.",
        response_schema=_DONE,
    ),
    Operation(
        "requests", "GET", "/{key}/requests", "List its recorded requests, or wait for some.", _FILTERS
    ),
    Operation(
        "forget_requests", "DELETE", "/{key}/requests", "Delete its recorded requests.", response_schema=_DONE
    ),
    Operation(
        "faults",
        "GET",
        "/{key}/faults",
        "List its faults and stubs, with their counts.",
        response_schema=_LIST,
    ),
    Operation("add_fault", "POST", "/{key}/faults", "Add a fault.", body_argument="fault", status=201),
    Operation(
        "clear_faults", "DELETE", "/{key}/faults", "Remove all faults and stubs.", response_schema=_DONE
    ),
    Operation(
        "remove_fault", "DELETE", "/{key}/faults/{number}", "Remove a fault or stub.", response_schema=_DONE
    ),
    Operation("stubs", "GET", "/{key}/stubs", "List its stubs.", response_schema=_LIST),
    Operation("add_stub", "POST", "/{key}/stubs", "Add a stub.", body_argument="stub", status=201),
    Operation("clear_stubs", "DELETE", "/{key}/stubs", "Remove all stubs.", response_schema=_DONE),
    Operation(
        "records",
        "GET",
        "/{key}/records/{resource}",
        "List its records, ascending by id.",
        {
            "after": Count(0, 10**18, note="only those with a larger id"),
            "limit": Count(1, 1000, note="how many at most; 100 by default"),
        },
        response_schema=_LIST,
    ),
    Operation("record", "GET", "/{key}/records/{resource}/{named}", "Get a record, as the API returns it."),
    Operation(
        "lines",
        "GET",
        "/{key}/records/{resource}/{named}/lines",
        "List the lines of a sale.",
        response_schema=_LIST,
    ),
    Operation(
        "add",
        "POST",
        "/{key}/records/{resource}",
        "Add a record; missing required fields are filled in.",
        body_argument="fields",
        status=201,
    ),
    Operation(
        "change",
        "PATCH",
        "/{key}/records/{resource}/{named}",
        "Change fields of a record.",
        body_argument="fields",
    ),
    Operation(
        "remove",
        "DELETE",
        "/{key}/records/{resource}/{named}",
        "Delete a record.",
        response_schema=_DONE,
    ),
    Operation("clock", "GET", "/{key}/clock", "Get the time of the account's clock."),
    Operation(
        "set_clock",
        "PUT",
        "/{key}/clock",
        "Freeze or move its clock; an empty object resets it to the real time.",
        body={
            "freeze": TimeField(
                note="the time at which it stops: `now`, or a time (`2024-08-04 08:23:45`, ISO 8601)"
            ),
            "advance": Json(note="the number of seconds by which to move it, frozen or running"),
            "offset": Json(note="the number of seconds by which it runs ahead of the real time"),
        },
        body_argument="settings",
    ),
    Operation("snapshots", "GET", "/{key}/snapshots", "List its snapshots.", response_schema=_OBJECT),
    Operation("snapshot", "POST", "/{key}/snapshots", "Save a copy of its changes.", status=201),
    Operation(
        "restore",
        "POST",
        "/{key}/snapshots/{name}/restore",
        "Restore the changes of a snapshot.",
        response_schema=_DONE,
    ),
    Operation(
        "drop_snapshot", "DELETE", "/{key}/snapshots/{name}", "Delete a snapshot.", response_schema=_DONE
    ),
    Operation(
        "export",
        "GET",
        "/{key}/export",
        "Export its changes, or its whole world, as a fixture file.",
        {
            "what": ChoiceField("changes", "world", note="`changes` by default"),
            "form": ChoiceField("yaml", "json", note="`yaml` by default"),
        },
        media="text/plain; charset=utf-8",
        response_schema={"type": "string"},
    ),
    Operation(
        "alias",
        "PUT",
        "/{key}/alias",
        "Make another key stand for this account.",
        body={"alias": Key(required=True, note="the other key")},
        response_schema=_DONE,
    ),
    Operation(
        "end_alias",
        "DELETE",
        "/{key}/alias",
        "Make a key stand for its own account again.",
        response_schema=_DONE,
    ),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}
