"""The table of the control API's operations: what HTTP clients and the handles of tests can do.

Each operation is a method of `fakekit.control.controls.Controls` or `ServerControls`, where `takes` declares
its arguments. The HTTP routes, their OpenAPI document and the client of a remote server are made from both.
To add an operation, add a row here and its method there.
"""

from __future__ import annotations

from typing import NamedTuple


class Operation(NamedTuple):
    """One operation of the control API, for its HTTP routes, its OpenAPI document and its clients.

    name: the name of the method of `Controls` or `ServerControls` that implements it; also its operationId.
    method, path: of its route; the path follows `fakekit.control.ROOT`, and ``{key}`` is the account's key.
    summary: a sentence for the OpenAPI document.
    has_body: whether the arguments that are not in the path are the fields of a JSON body; by default they
        are the parameters of the query.
    body_argument: the name of the argument that is the whole body, which the method then validates itself.
    has_callback: whether the body may have a function as ``callback``, for a server in the same process.
    status: the HTTP status of a success; 200 by default.
    media: the media type of the response; JSON by default.
    """

    name: str
    method: str
    path: str
    summary: str
    has_body: bool = False
    body_argument: str = ""
    has_callback: bool = False
    status: int = 200
    media: str = "application/json"

    @property
    def takes_body(self) -> bool:
        """Whether requests have a JSON body; if not, a request with a body is rejected."""
        return self.has_body or bool(self.body_argument)

    @property
    def parameters(self) -> list[str]:
        """The names of its path's parameters, in order: ``["key", "number"]``."""
        return [part.partition("}")[0] for part in self.path.split("{")[1:]]


OPERATIONS: tuple[Operation, ...] = (
    Operation("accounts", "GET", "", "List the open accounts."),
    Operation(
        "open",
        "POST",
        "",
        "Open an account, if needed with its own world and clock; one that is open is deleted first.",
        has_body=True,
        status=201,
    ),
    Operation("strangers", "GET", "/-/requests", "List the requests without a valid key."),
    Operation("about", "GET", "/{key}", "Get a summary of an account."),
    Operation("close", "DELETE", "/{key}", "Delete an account and everything in it."),
    Operation(
        "reset", "POST", "/{key}/reset", "Reset an account to a new one's state; its recorded requests stay."
    ),
    Operation("undo_reset", "DELETE", "/{key}/reset", "Bring back what the last reset removed."),
    Operation("requests", "GET", "/{key}/requests", "List its recorded requests, or wait for some."),
    Operation("forget_requests", "DELETE", "/{key}/requests", "Delete its recorded requests."),
    Operation(
        "ledger",
        "GET",
        "/{key}/ledger",
        "Count what its recorded responses relied on: pages, standards, assumptions.",
    ),
    Operation("faults", "GET", "/{key}/faults", "List its faults and stubs, with their counts."),
    Operation(
        "add_fault",
        "POST",
        "/{key}/faults",
        "Add a fault.",
        body_argument="fault",
        has_callback=True,
        status=201,
    ),
    Operation("clear_faults", "DELETE", "/{key}/faults", "Remove all faults and stubs."),
    Operation("remove_fault", "DELETE", "/{key}/faults/{number}", "Remove a fault or stub."),
    Operation("stubs", "GET", "/{key}/stubs", "List its stubs."),
    Operation("add_stub", "POST", "/{key}/stubs", "Add a stub.", body_argument="stub", status=201),
    Operation("clear_stubs", "DELETE", "/{key}/stubs", "Remove all stubs."),
    Operation("records", "GET", "/{key}/records/{resource}", "List its records, ascending by id."),
    Operation("record", "GET", "/{key}/records/{resource}/{named}", "Get a record, as the API returns it."),
    Operation("lines", "GET", "/{key}/records/{resource}/{named}/lines", "List the lines of a sale."),
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
    Operation("remove", "DELETE", "/{key}/records/{resource}/{named}", "Delete a record."),
    Operation(
        "restore_record",
        "POST",
        "/{key}/records/{resource}/{named}/restore",
        "Give a record its first values again; one that was added is deleted.",
    ),
    Operation("changes", "GET", "/{key}/changes", "List its changed records, with their first values."),
    Operation(
        "clear_changes",
        "DELETE",
        "/{key}/changes",
        "Give all records their first values again; faults, clock and snapshots stay.",
    ),
    Operation("personas", "GET", "/{key}/personas", "List its records that are hard to handle on purpose."),
    Operation("clock", "GET", "/{key}/clock", "Get the time of the account's clock."),
    Operation(
        "set_clock",
        "PUT",
        "/{key}/clock",
        "Freeze or move its clock; an empty object resets it to the real time.",
        body_argument="settings",
    ),
    Operation("snapshots", "GET", "/{key}/snapshots", "List its snapshots."),
    Operation("snapshot", "POST", "/{key}/snapshots", "Save a copy of its changes.", status=201),
    Operation("restore", "POST", "/{key}/snapshots/{name}/restore", "Restore the changes of a snapshot."),
    Operation("drop_snapshot", "DELETE", "/{key}/snapshots/{name}", "Delete a snapshot."),
    Operation(
        "export",
        "GET",
        "/{key}/export",
        "Export its changes, or its whole world, as a fixture file.",
        media="text/plain; charset=utf-8",
    ),
    Operation("alias", "PUT", "/{key}/alias", "Make another key stand for this account.", has_body=True),
    Operation("end_alias", "DELETE", "/{key}/alias", "Make a key stand for its own account again."),
    Operation(
        "intercept",
        "PUT",
        "/{key}/intercept",
        "Serve the vendor's hosts for this account on a port of 127.0.0.1.",
        has_body=True,
    ),
    Operation("end_intercept", "DELETE", "/{key}/intercept", "Close the port of `intercept`."),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}
PATH_WORDS = frozenset(word for o in OPERATIONS for word in o.path.split("/") if not word.startswith("{"))
"""The literal segments of the operations' paths, which the log may show."""
