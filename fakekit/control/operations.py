"""The table of the control API's operations: what HTTP clients and the handles of tests can do.

Each operation is a method of `fakekit.control.controls.Controls` or `ServerControls`, where `takes` declares
its arguments; the first line of the method's docstring is its summary in the OpenAPI document. The HTTP
routes, the document and the client of a remote server are made from both. To add an operation, add a row
here and its method there.
"""

from __future__ import annotations

from typing import NamedTuple

from fakekit.api.event_stream import EVENT_STREAM
from fakekit.control import BROWSER_PATHS, PATHS, ROOT


class Operation(NamedTuple):
    """One operation of the control API, for its HTTP routes, its OpenAPI document and its clients.

    name: the name of the method of `Controls` or `ServerControls` that implements it; also its operationId.
    method, path: of its route; the path follows `fakekit.control.ROOT`, and ``{key}`` is the account's key.
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
    Operation("accounts", "GET", ""),
    Operation("open", "POST", "", has_body=True, status=201),
    Operation("strangers", "GET", "/-/requests"),
    Operation("forget_unauthenticated", "DELETE", "/-/requests"),
    Operation("stream_unauthenticated", "GET", "/-/stream", media=EVENT_STREAM),
    Operation("about", "GET", "/{key}"),
    Operation("close", "DELETE", "/{key}"),
    Operation("reset", "POST", "/{key}/reset"),
    Operation("undo_reset", "DELETE", "/{key}/reset"),
    Operation("requests", "GET", "/{key}/requests"),
    Operation("stream", "GET", "/{key}/stream", media=EVENT_STREAM),
    Operation("forget_requests", "DELETE", "/{key}/requests"),
    Operation("ledger", "GET", "/{key}/ledger"),
    Operation("faults", "GET", "/{key}/faults"),
    Operation("add_fault", "POST", "/{key}/faults", body_argument="fault", has_callback=True, status=201),
    Operation("clear_faults", "DELETE", "/{key}/faults"),
    Operation("remove_fault", "DELETE", "/{key}/faults/{number}"),
    Operation("stubs", "GET", "/{key}/stubs"),
    Operation("add_stub", "POST", "/{key}/stubs", body_argument="stub", status=201),
    Operation("clear_stubs", "DELETE", "/{key}/stubs"),
    Operation("records", "GET", "/{key}/records/{resource}"),
    Operation("record", "GET", "/{key}/records/{resource}/{named}"),
    Operation("lines", "GET", "/{key}/records/{resource}/{named}/lines"),
    Operation("add", "POST", "/{key}/records/{resource}", body_argument="fields", status=201),
    Operation("change", "PATCH", "/{key}/records/{resource}/{named}", body_argument="fields"),
    Operation("remove", "DELETE", "/{key}/records/{resource}/{named}"),
    Operation("restore_record", "POST", "/{key}/records/{resource}/{named}/restore"),
    Operation("changes", "GET", "/{key}/changes"),
    Operation("clear_changes", "DELETE", "/{key}/changes"),
    Operation("personas", "GET", "/{key}/personas"),
    Operation("clock", "GET", "/{key}/clock"),
    Operation("set_clock", "PUT", "/{key}/clock", body_argument="settings"),
    Operation("snapshots", "GET", "/{key}/snapshots"),
    Operation("snapshot", "POST", "/{key}/snapshots", status=201),
    Operation("restore", "POST", "/{key}/snapshots/{name}/restore"),
    Operation("drop_snapshot", "DELETE", "/{key}/snapshots/{name}"),
    Operation("export", "GET", "/{key}/export", media="text/plain; charset=utf-8"),
    Operation("alias", "PUT", "/{key}/alias", has_body=True),
    Operation("end_alias", "DELETE", "/{key}/alias"),
    Operation("intercept", "PUT", "/{key}/intercept", has_body=True),
    Operation("end_intercept", "DELETE", "/{key}/intercept"),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}
_PATHS = (*PATHS, *BROWSER_PATHS, *(ROOT + operation.path for operation in OPERATIONS))
PATH_WORDS = frozenset(word for path in _PATHS for word in path.split("/") if not word.startswith("{"))
"""The literal segments of fakekit's own paths, which the log may show."""
