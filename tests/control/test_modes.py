"""The control operations in every mode: in a thread of this process, over HTTP, in a child process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

import fakekit
from fakekit.control.operations import OPERATIONS
from fakekit.errors import FakekitError
from fakekit.testing.child import ChildServer
from fakekit.testing.remote import RemoteServer
from tests.helpers.processes import Server

Run = Callable[..., Any]
KEY = "fk_modes"
SECRET = "sk_live_4eC39HqLyjWDarjtT1zdp7dc4eC39HqL"
GROUP = {"id": 90, "created_at": "2024-01-10 08:00:00", "updated_at": "2024-01-10 08:00:00"}


@contextmanager
def in_thread() -> Iterator[Run]:
    server = fakekit.FakeServer(seed=1)
    with server:
        yield server.do


@contextmanager
def in_child() -> Iterator[Run]:
    child = ChildServer(fakekit.Settings.of())
    try:
        yield child.do
    finally:
        child.stop()


def outcome(run: Run, name: str, values: dict[str, Any]) -> Any:
    """The result of an operation as JSON, or the class and the problems of its error."""
    try:
        result = run(name, **values)
    except FakekitError as error:
        return type(error).__name__, [str(problem) for problem in error.problems]
    if name == "strangers":
        del result["last_number"]  # of all accounts, also those of other tests
    if name == "intercept":
        assert result.pop("port") > 0
        assert result.pop("certificate").startswith("-----BEGIN CERTIFICATE-----\n")
    return json.loads(json.dumps(result))


VALID: list[tuple[str, dict[str, Any]]] = [
    (
        "open",
        {
            "key": KEY,
            "seed": 7,
            "customers": 3,
            "strict": True,
            "fixtures": {"customer_groups": [{**GROUP, "group_name": "Regulars"}]},
            "assumptions": {"missing.status": 400},
            "faults": ["fail=503,times=2"],
            "clock": {"freeze": "2031-01-01"},
        },
    ),
    ("about", {"key": KEY}),
    ("add", {"key": KEY, "resource": "customers", "fields": {"customer_name": "Ama", "id": 70}}),
    ("add", {"key": KEY, "resource": "sales"}),
    ("change", {"key": KEY, "resource": "customers", "named": 70, "fields": {"customer_city": "Kumasi"}}),
    ("record", {"key": KEY, "resource": "customers", "named": "70"}),
    ("record", {"key": KEY, "resource": "items", "named": " Jce84a50"}),
    ("records", {"key": KEY, "resource": "customers", "after": 1, "limit": 2}),
    ("records", {"key": KEY, "resource": "customer_groups", "after": None}),
    ("lines", {"key": KEY, "resource": "sales", "named": 324232}),
    ("remove", {"key": KEY, "resource": "customers", "named": 2}),
    ("records", {"key": KEY, "resource": "customers", "search": "ama"}),
    ("records", {"key": KEY, "resource": "sales", "refers_to": "customers/1"}),
    ("changes", {"key": KEY}),
    ("changes", {"key": KEY, "resource": "customers", "named": 2}),
    ("restore_record", {"key": KEY, "resource": "customers", "named": 2}),
    ("personas", {"key": KEY}),
    ("faults", {"key": KEY}),
    ("add_fault", {"key": KEY, "fault": {"fault": "slow", "seconds": 0.5, "path": "customers/*"}}),
    ("remove_fault", {"key": KEY, "number": 1}),
    ("add_stub", {"key": KEY, "stub": {"path": "stores", "json": {"a": (1, None)}, "headers": {"X-A": "b"}}}),
    ("stubs", {"key": KEY}),
    ("clear_stubs", {"key": KEY}),
    ("clear_faults", {"key": KEY}),
    ("clock", {"key": KEY}),
    ("set_clock", {"key": KEY, "settings": {"advance": 15}}),
    ("snapshot", {"key": KEY}),
    ("snapshots", {"key": KEY}),
    ("set_clock", {"key": "fk_other", "settings": {"freeze": "2024-08-04"}}),
    ("reset", {"key": "fk_other"}),
    ("undo_reset", {"key": "fk_other"}),
    ("restore", {"key": KEY, "name": "s1"}),
    ("drop_snapshot", {"key": KEY, "name": "s1"}),
    ("export", {"key": KEY}),
    ("clear_changes", {"key": "fk_other"}),
    ("export", {"key": KEY, "what": "world", "form": "json"}),
    ("requests", {"key": KEY, "method": "GET", "path": "customers/*", "status": 200, "since": 0}),
    ("requests", {"key": KEY, "count": 1, "timeout": "10ms"}),
    ("strangers", {"status": "599", "since": "2024-08-04"}),
    ("forget_unauthenticated", {}),
    ("ledger", {"key": KEY}),
    ("forget_requests", {"key": KEY}),
    ("alias", {"key": KEY, "alias": "fk_modes_alias"}),
    ("end_alias", {"key": "fk_modes_alias"}),
    ("intercept", {"key": KEY, "strict": True}),
    ("intercept", {"key": KEY}),
    ("end_intercept", {"key": KEY}),
    ("end_intercept", {"key": KEY}),
    ("close", {"key": KEY}),
    ("close", {"key": KEY}),
]


def test_each_operation_is_called() -> None:
    called = {name for name, _ in VALID} | {"accounts"}  # its result has the accounts of other tests
    streams = {"stream", "stream_unauthenticated"}  # for HTTP clients only
    assert called | streams == {operation.name for operation in OPERATIONS}


def test_results_are_the_same_here_and_over_http(server: Server) -> None:
    remote = RemoteServer(server.origin)
    with in_thread() as here:
        for name, values in VALID:
            expected = outcome(here, name, values)
            assert outcome(remote.do, name, values) == expected, name
            assert not isinstance(expected, tuple), expected
        assert KEY not in [account["key"] for account in here("accounts")]
    assert KEY not in [account["key"] for account in remote.do("accounts")]


NOT_A_KEY = ("ControlError", ["the key: is not a key, which is fk_ and 1 to 64 of A-Z a-z 0-9 _ -"])
WHOLE = "must be a whole number from"
INVALID: list[tuple[str, dict[str, Any], tuple[str, list[str]]]] = [
    ("nonsense", {}, ("ControlError", ["nonsense: is not an operation; write one of"])),
    ("snapshto", {"key": KEY}, ("ControlError", ["snapshto: is not an operation; write snapshot"])),
    ("open", {"key": SECRET, "seed": 7}, ("ControlError", ["key: must be a key: fk_ and 1 to 64 of A-Z a-z 0-9 _ -"])),
    ("open", {"seed": "x"}, ("ControlError", [f"seed: {WHOLE} -9,223,372,036,854,775,808"])),
    ("open", {"sede": 7}, ("ControlError", ["the body: has an unknown name; write seed"])),
    ("open", {"faults": [7]}, ("ControlError", ["faults: must be a list of at most 100 faults"])),
    ("open", {"fixtures": "/etc/passwd"}, ("ControlError", ["fixtures: must be the JSON of a fixture file"])),
    ("open", {"assumptions": {"missing.statsu": 400}}, ("SettingsError", ["assumptions: missing.statsu"])),
    ("open", {"clock": {"advance": {"a": SECRET}}}, ("ClockError", ["clock: advance: must be a number of seconds; found {\"a\": \"...\"}"])),
    ("open", {"customers": {1}}, ("ControlError", ["open.customers: must be a value that JSON has; found \"{1}\""])),
    ("about", {"key": SECRET}, NOT_A_KEY),
    ("about", {"key": "fk_a/reset"}, NOT_A_KEY),
    ("about", {}, NOT_A_KEY),
    ("about", {"key": KEY, "verbose": True}, ("ControlError", ["the query: has an unknown name; write nothing"])),
    ("records", {"key": KEY, "resource": "custommers"}, ("NoRecordError", ["custommers: is not a resource; write customers"])),
    ("records", {"key": KEY, "resource": "customers", "limit": 0}, ("ControlError", [f"limit: {WHOLE} 1 to 1,000"])),
    ("record", {"key": KEY, "resource": "customers", "named": 999}, ("NoRecordError", ["customers 999: does not exist"])),
    ("record", {"key": KEY, "resource": "customers", "named": True}, ("NoRecordError", ["customers true: is not an id; write a whole number"])),
    ("record", {"key": KEY, "resource": "customers", "named": "x"}, ("NoRecordError", ["customers: is identified by id; write a whole number"])),
    ("record", {"key": KEY, "resource": "items", "named": "a/b"}, ("NoRecordError", ["a/b: does not exist: a name is not empty and has no slash"])),
    ("record", {"key": KEY, "resource": "items", "named": "\ud800"}, ("NoRecordError", ["items ?: does not exist"])),
    ("record", {"key": KEY, "resource": "items", "named": SECRET}, ("NoRecordError", ["items ...: does not exist"])),
    ("lines", {"key": KEY, "resource": "customers", "named": 1}, ("NoRecordError", ["customers: has no lines; write sales"])),
    ("add", {"key": KEY, "resource": "customers", "fields": {"created_at": datetime(2024, 8, 4)}}, ("RefusedRecordError", ["customers.created_at: must be a value that JSON has; found"])),
    ("add", {"key": KEY, "resource": "customers", "fields": {"id": float("nan")}}, ("RefusedRecordError", ["customers.id: must be a value that JSON has; found NaN"])),
    ("add", {"key": KEY, "resource": "customers", "fields": {"customer_name": "\ud800"}}, ("ControlError", ["the body: is not JSON"])),
    ("add", {"key": KEY, "resource": "customers", "fields": [1]}, ("ControlError", ["the body: must be a JSON object"])),
    ("add", {"key": KEY, "resource": "customers", "fields": {"address1": "x" * 1_048_576}}, ("ControlError", ["the body: is larger than the 1,048,576 bytes that fakekit reads"])),
    ("change", {"key": KEY, "resource": "customers", "named": 1, "fields": {"id": 2, "customer_name": "x"}}, ("RefusedRecordError", ["customers.id: cannot be changed; found 2"])),
    ("remove", {"key": KEY, "resource": "customers", "named": 0}, ("NoRecordError", ["customers"])),
    ("add_fault", {"key": KEY, "fault": {"fault": "fial"}}, ("FaultError", ["fault: is not a kind of fault; found 'fial'; write fail"])),
    ("add_fault", {"key": KEY, "fault": "fail=503"}, ("ControlError", ["the body: must be a JSON object"])),
    ("add_fault", {"key": KEY, "fault": {"fault": "fail", "status": 503, "path": f"https://a.example/{'x' * 20}/{SECRET}"}}, ("FaultError", ["fault: fail: path: is a whole URL, and only paths are compared; found 'https://a.example/xxxxxxxxxxxxxxxxxxxx/...'; write"])),
    ("add_stub", {"key": KEY, "stub": {"json": {1, 2}}}, ("FaultError", ["stub.json: must be a value that JSON has"])),
    ("remove_fault", {"key": KEY, "number": 99}, ("NoRecordError", ["fault: no fault has this id"])),
    ("set_clock", {"key": KEY, "settings": {"freeze": "noon"}}, ("ClockError", ["clock: freeze: must be a time"])),
    ("set_clock", {"key": KEY, "settings": {"advance": float("inf")}}, ("ClockError", ["settings.advance: must be a value that JSON has; found Infinity"])),
    ("restore", {"key": KEY, "name": "s9"}, ("SnapshotError", ["snapshot: no snapshot has this name"])),
    ("restore", {"key": KEY, "name": "../s1"}, ("SnapshotError", ["../s1: does not exist: a name is not empty and has no slash"])),
    ("export", {"key": KEY, "form": "xml"}, ("ControlError", ["form: must be one of yaml, json"])),
    ("requests", {"key": KEY, "since": 1.5}, ("ControlError", ["since: must be the number of a request, or a time"])),
    ("requests", {"key": KEY, "path": "https://a.example/customers"}, ("ControlError", ["path: is a whole URL, and only paths are compared; write customers"])),
    ("requests", {"key": KEY, "timeout": 61}, ("ControlError", ["timeout: must be a time from 0 to 60 seconds"])),
    ("strangers", {"count": 0}, ("ControlError", [f"count: {WHOLE} 1 to 1,000"])),
    ("alias", {"key": KEY, "alias": SECRET}, ("ControlError", ["alias: must be a key"])),
    ("alias", {"key": KEY}, ("ControlError", ["alias: is required"])),
    ("intercept", {"key": KEY, "strict": "yes"}, ("ControlError", ["strict: must be true or false"])),
    ("end_intercept", {"key": "sk"}, NOT_A_KEY),
    ("close", {"key": "sk"}, NOT_A_KEY),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "values", "expected"), INVALID, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(INVALID)]
)
def test_errors_are_the_same_here_and_over_http(
    server: Server,
    in_this_process: Run,
    name: str,
    values: dict[str, Any],
    expected: tuple[str, list[str]],
) -> None:
    kind, problems = outcome(in_this_process, name, values)
    assert (kind, len(problems)) == (expected[0], len(expected[1]))
    assert all(problem.startswith(start) for problem, start in zip(problems, expected[1], strict=True)), (
        problems
    )
    assert SECRET[:12] not in str(problems)
    assert outcome(RemoteServer(server.origin).do, name, values) == (kind, problems)


@pytest.fixture(scope="module")
def in_this_process() -> Iterator[Run]:
    with in_thread() as run:
        yield run


@pytest.mark.slow
def test_a_child_process_answers_the_same() -> None:
    with in_thread() as here, in_child() as child:
        calls = [*VALID, *((name, values) for name, values, _ in INVALID)]
        assert [outcome(child, *call) for call in calls] == [outcome(here, *call) for call in calls]


def handle_errors(xtrakit: fakekit.Handle) -> list[tuple[str, str]]:
    """The classes and messages of what a test does wrong with a handle."""
    calls: list[Callable[[], object]] = [
        lambda: xtrakit.customer(999),
        lambda: xtrakit.record("items", "a/b"),
        lambda: xtrakit.add_customer(customer_zip=233, note=SECRET),
        lambda: xtrakit.add_customer(created_at=datetime(2024, 8, 4)),
        lambda: xtrakit.change("customers", 1, id=2),
        lambda: xtrakit.fail(999),
        lambda: xtrakit.fail("reset", "GET", "https://app.xtrakit.com/customers"),
        lambda: xtrakit.add_fault("fail=abc"),
        lambda: xtrakit.respond("GET", "stores", json={"a": object()}),
        lambda: xtrakit.delay(61),
        lambda: xtrakit.remove_fault(7),
        lambda: xtrakit.restore("s9"),
        lambda: xtrakit.clock.advance(float("nan")),
        lambda: xtrakit.export("nonsense"),
    ]
    seen = []
    for call in calls:
        with pytest.raises(FakekitError) as told:
            call()
        seen.append((type(told.value).__name__, str(told.value).replace(hex(id(object)), "")))
    return seen


def test_a_handle_raises_the_same_here_and_over_http(server: Server) -> None:
    with fakekit.FakeServer(seed=1) as here:
        expected = handle_errors(here)
    assert [kind for kind, _ in expected] == [
        "NoRecordError",
        "NoRecordError",
        "RefusedRecordError",
        "RefusedRecordError",
        "RefusedRecordError",
        "FaultError",
        "FaultError",
        "FaultError",
        "FaultError",
        "FaultError",
        "NoRecordError",
        "SnapshotError",
        "ClockError",
        "ControlError",
    ]
    there = handle_errors(fakekit.connect(server.origin, "fk_modes_handle"))
    assert [kind for kind, _ in there] == [kind for kind, _ in expected]
    for (_, one), (_, other) in zip(there, expected, strict=True):
        assert one.split(" at 0x")[0] == other.split(" at 0x")[0]


def test_a_refused_key_opens_no_account() -> None:
    server = fakekit.FakeServer()
    with pytest.raises(fakekit.ControlError, match="must be a key") as told:
        server.do("open", key="sk_live_abcdefghijkl", seed=7)
    assert "abcdefghijkl" not in str(told.value)
    assert server.do("accounts") == []


def test_a_value_that_the_caller_changes_later_is_not_changed_here() -> None:
    fields = {"customer_name": "Ama"}
    server = fakekit.FakeServer()
    server.do("add", key=KEY, resource="customers", fields=fields)
    fields["customer_name"] = "Kofi"
    assert server.do("record", key=KEY, resource="customers", named=51)["customer_name"] == "Ama"


def test_a_date_is_told_the_text_to_write() -> None:
    fields = {"customer_name": "Ama", "created_at": datetime(2024, 8, 4, 8, 23, 45)}
    with pytest.raises(fakekit.RefusedRecordError) as told:
        fakekit.FakeServer().do("add", key=KEY, resource="customers", fields=fields)
    assert str(told.value) == (
        "customers.created_at: must be a value that JSON has; "
        'found "datetime.datetime(2024, 8, 4, 8, 23, 45)"; write "2024-08-04 08:23:45"'
    )
