"""Patterns of requests: one meaning everywhere, and one that cannot match anything is refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
import requests

import fakekit
from fakekit import FakeServer, Handle
from fakekit.errors import FakekitError, PatternError
from tests.helpers.commands import cli
from tests.helpers.processes import PATIENCE
from tests.helpers.raw_http import ask, port_of

NUMBERS = count(1)


@pytest.fixture(params=["here", "remote"])
def handle(request: pytest.FixtureRequest, fake: FakeServer) -> Handle:
    """An account of this process's server, and the same over HTTP."""
    key = f"fk_pattern_{next(NUMBERS)}"
    here = fake.account(key)
    return here if request.param == "here" else fakekit.connect(here.origin, key)


def get(handle: Handle, path: str, method: str = "GET") -> int:
    port = port_of(handle.origin)
    return ask(port, path, f"Bearer {handle.api_key}".encode(), method).status


PATHS = {
    "http://127.0.0.1:4310/api/v1/customers/1": "is a whole URL, and only paths are compared; write customers/1",
    "https://app.xtrakit.com/api/v1/customers?a=1": "is a whole URL, and only paths are compared; write customers",
    "//127.0.0.1/api/v1/customers": "is a whole URL, and only paths are compared; write customers",
    "http://127.0.0.1": "is a whole URL, and only paths are compared; write a path, such as customers/1, or * for any",
    "customers?customer_group_id=1": "must be a path without a query; write customers",
    "/api/v1/customers/1?": "must be a path without a query; write customers/1",
    "customers/1#top": "must be a path without a fragment, which no client sends; write customers/1",
    "customers/Ama%20Mensah": "is percent-encoded, and paths are compared decoded; write customers/Ama Mensah",
    "": "must be a path, such as customers/1 or customers/*",
    "  ": "must be a path, such as customers/1 or customers/*",
    "/": "must be a path, such as customers/1 or customers/*",
    "/api/v1/": "must be a path, such as customers/1 or customers/*",
    "/api/v1": "must be a path, such as customers/1 or customers/*",
    "/api/v2/customers": "is not below /api/v1/, and nothing else is the vendor's; write customers",
    "/_fakekit/health": "is fakekit's own, and belongs to no account; write a path of the vendor's, such as customers/1",
    "customers/1*": "must have * in the place of a whole segment; write customers/*",
    "customers//1": "must be a path, such as customers/1 or customers/*",
    "customers/{": "must be a path, such as customers/1 or customers/*",
    "customers/\n1": "must be a path, such as customers/1 or customers/*",
    None: "must be a path, such as customers/1 or customers/*",
    1: "must be a path, such as customers/1 or customers/*",
}
METHODS = ["FETCH", "", "GET ", "GET,POST", None, 1, "TRACE", "CONNECT"]
ONE_OF = "must be one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, or * for any"


@pytest.mark.parametrize(("path", "message"), PATHS.items(), ids=map(repr, PATHS))
def test_a_path_that_cannot_match_is_refused_with_the_reason(handle: Handle, path: Any, message: str) -> None:
    get(handle, "/api/v1/customers/1")
    what, _, write = message.partition("; write ")
    acts: tuple[Callable[[], object], ...] = (
        lambda: handle.assert_requested("GET", path, times=0),
        lambda: handle.wait_for("GET", path, timeout=0),
    )
    for act in acts:
        with pytest.raises(PatternError) as caught:
            act()
        (problem,) = caught.value.problems
        assert (problem.where, problem.description, problem.write) == ("path", what, write)
    acts = (
        lambda: handle.fail(503, "GET", path),
        lambda: handle.delay(1, "GET", path),
        lambda: handle.respond("GET", path),
    )
    for act in acts:
        with pytest.raises(fakekit.FaultError) as refused:
            act()
        told = refused.value.problems[0]
        if path is not None:  # where JSON has a null
            assert (told.description, told.write) == (what, write)
    assert handle.faults == []


@pytest.mark.parametrize("method", METHODS, ids=map(repr, METHODS))
def test_a_method_that_no_request_has_is_refused(handle: Handle, method: Any) -> None:
    get(handle, "/api/v1/customers/1")
    acts: tuple[Callable[[], object], ...] = (
        lambda: handle.assert_requested(method, "customers/1", times=0),
        lambda: handle.wait_for(method, "customers/1", timeout=0),
    )
    for act in acts:
        with pytest.raises(PatternError, match=r"^method: must be one of GET") as caught:
            act()
        assert caught.value.problems[0].description == ONE_OF
    acts = (
        lambda: handle.fail(503, method, "customers/1"),
        lambda: handle.delay(1, method, "customers/1"),
        lambda: handle.respond(method, "customers/1"),
    )
    for act in acts:
        with pytest.raises(fakekit.FaultError):
            act()


def test_the_error_is_a_value_error_of_fakekits_tree_and_no_failed_assertion() -> None:
    assert issubclass(PatternError, FakekitError)
    assert issubclass(PatternError, ValueError)
    assert not issubclass(PatternError, AssertionError)
    with FakeServer() as xtrakit, pytest.raises(PatternError) as caught:
        xtrakit.assert_requested("GET", "customers?a=1", times=0)
    assert str(caught.value) == "path: must be a path without a query; found 'customers?a=1'; write customers"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"status": "200"}, "status: must be a whole number from 100 to 599; found '200'"),
        ({"status": 0}, "status: must be a whole number from 100 to 599; found 0"),
        ({"status": True}, "status: must be a whole number from 100 to 599; found true"),
        ({"times": -1}, "times: must be a whole number from 0; found -1"),
        ({"times": "2"}, "times: must be a whole number from 0; found '2'"),
        ({"query": "a=1"}, 'query: must be values by name; found \'a=1\'; write {"a": "1"}'),
    ],
)
def test_so_is_what_else_no_request_can_be(values: dict[str, Any], message: str) -> None:
    with FakeServer() as xtrakit:
        with pytest.raises(PatternError) as caught:
            xtrakit.assert_requested("GET", "customers", **values)
        assert str(caught.value) == message
        with pytest.raises(PatternError) as caught:
            xtrakit.wait_for("GET", "customers", timeout=0, **values)
        assert str(caught.value) == message


def test_a_star_alone_is_any_path_and_any_method_everywhere(handle: Handle) -> None:
    for path in ("/api/v1/stores/1", "/api/v1/inventory/items/x/y", "/api/v1/nothing", "/api/v1/customers"):
        get(handle, path)
    get(handle, "/api/v1/customers/1", "DELETE")
    assert len(handle.assert_requested("GET", "*")) == 4
    assert len(handle.assert_requested("*", "*")) == 5
    assert len(handle.assert_requested("*", "customers/*")) == 1
    assert len(handle.wait_for("*", "*", times=5, timeout=0)) == 5
    for pattern in (("GET", "*"), ("*", "*"), ("*", "customers/1")):
        with pytest.raises(AssertionError, match="was requested"):
            handle.assert_requested(*pattern, times=0)
    handle.respond("*", "*", status=299)
    assert get(handle, "/api/v1/inventory/items/x/y") == 299


SAME = [
    "customers/*",
    "/customers/*",
    "/api/v1/customers/*",
    "api/v1/customers/{id}",
    "customers/*/",
    "{x}/1",
]


@pytest.mark.parametrize("path", SAME)
def test_a_path_means_the_same_in_an_assertion_and_in_a_fault(handle: Handle, path: str) -> None:
    handle.respond("GET", path, status=299)
    assert get(handle, "/api/v1/customers/1") == 299
    assert get(handle, "/api/v1/customers") == 200
    assert get(handle, "/api/v1/customers/1/2") == 404
    assert get(handle, "/api/v1/customers/1/") == 404
    assert [request.status for request in handle.assert_requested("GET", path)] == [299]


def test_a_path_that_the_journal_hides_is_no_proof_that_nothing_was_asked(handle: Handle) -> None:
    handle.assert_requested("GET", "suppliers", times=0)
    get(handle, "/api/v1/suppliers")
    with pytest.raises(AssertionError, match="cannot say whether it was requested 0 times"):
        handle.assert_requested("GET", "suppliers", times=0)
    handle.assert_requested("GET", "customers", times=0)  # which would not be hidden
    handle.assert_requested("POST", "suppliers", times=0)
    get(handle, "/api/v1/suppliers/1")
    handle.assert_requested("GET", "customers/1", times=0)
    get(handle, "/api/v1/customers/1")
    handle.assert_requested("GET", "customers/1", times=1)


def test_the_control_api_refuses_the_same(handle: Handle) -> None:
    answer = requests.get(
        f"{handle.origin}/_fakekit/accounts/{handle.api_key}/requests",
        params={"path": "http://x/api/v1/customers"},
        headers={"Fakekit-Control": "1"},
        timeout=PATIENCE,
    )
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert problem == {
        "where": "path",
        "what": "is a whole URL, and only paths are compared",
        "found": "",
        "write": "customers",
    }


def test_a_key_and_a_setting_refuse_the_same(handle: Handle) -> None:
    port = port_of(handle.origin)
    for fault in ("fail=503,path=customers?a=1", "fail=503,method=FETCH"):
        reply = ask(port, "/api/v1/customers/1", f"Bearer {handle.api_key}~{fault}".encode())
        assert reply.status == 401
        assert "must be" in reply.note
        assert "customers" not in reply.note.replace("customers/1 or", "").replace("customers/*", "")
        done = cli("serve", "--fault", fault)
        assert done.returncode == 2
        assert done.stderr.startswith("error: --fault: fail: ")


@pytest.mark.parametrize("json", [float("nan"), object(), {"a": {1, 2}}], ids=["NaN", "object", "set"])
def test_a_body_that_no_request_can_have_is_refused(xtrakit: fakekit.Handle, json: object) -> None:
    with pytest.raises(PatternError, match="json: cannot be written as JSON"):
        xtrakit.assert_requested("GET", "customers/1", json=json, times=0)
