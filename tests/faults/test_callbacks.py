"""Stubs that are functions of a test: ``respond(callback=...)``."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE
from tests.helpers.programs import program
from tests.helpers.pytest_runs import run


@pytest.fixture
def xtrakit() -> Iterator[fakekit.Handle]:
    with fakekit.FakeServer() as xtrakit:
        yield xtrakit


def ask(
    xtrakit: fakekit.Handle, method: str = "GET", path: str = "customers/1", **extra: Any
) -> requests.Response:
    headers = {**xtrakit.headers, **extra.pop("headers", {})}
    return requests.request(method, xtrakit.url(path), headers=headers, timeout=PATIENCE, **extra)


def test_a_function_gets_the_request_and_nothing_of_it_can_be_changed(xtrakit: fakekit.Handle) -> None:
    seen: list[fakekit.StubRequest] = []

    def answer(request: fakekit.StubRequest) -> object:
        seen.append(request)
        request.json["customer_name"] = "changed"
        return 201, {"name": request.json["customer_name"]}, {"X-Answer": "mine"}

    xtrakit.respond("POST", "customers/*", callback=answer, request_json={"customer_name": "Ama"})
    answered = ask(
        xtrakit, "POST", "customers/add?a=1&a=2", json={"customer_name": "Ama"}, headers={"X-Key": "k"}
    )
    assert (answered.status_code, answered.json()) == (201, {"name": "Ama"})
    assert answered.headers["X-Answer"] == "mine"
    assert answered.headers["Fakekit-Assumed"] == "fault.answer"
    (request,) = seen
    assert (request.method, request.path) == ("POST", "/api/v1/customers/add")
    assert (request.query, request.content) == ({"a": "1"}, b'{"customer_name": "Ama"}')
    assert request.headers["content-type"] == "application/json"
    assert (request.headers["authorization"], request.headers["x-key"]) == ("...", "...")
    with pytest.raises(FrozenInstanceError):
        request.path = "/"  # type: ignore[misc]
    with pytest.raises(TypeError):
        request.headers["host"] = "x"  # type: ignore[index]
    assert ask(xtrakit, "POST", "customers/add", json={"customer_name": "Kofi"}).status_code == 422


@pytest.mark.parametrize(
    ("returned", "status", "media", "body"),
    [
        ({"a": [1]}, 202, "application/json", b'{"a": [1]}\n'),
        ([], 202, "application/json", b"[]\n"),
        (False, 202, "application/json", b"false\n"),
        ("text", 202, "text/plain; charset=utf-8", b"text"),
        (b"\x89PNG", 202, "application/octet-stream", b"\x89PNG"),
        ((404, {"error": "x"}), 404, "application/json", b'{"error": "x"}\n'),
        ((204, None), 204, None, b""),
        ((200, b"<a/>", {"Content-Type": "text/xml"}), 200, "text/xml", b"<a/>"),
    ],
)
def test_what_a_function_may_return(
    xtrakit: fakekit.Handle, returned: object, status: int, media: str | None, body: bytes
) -> None:
    xtrakit.respond("GET", "customers/*", status=202, callback=lambda request: returned)
    answered = ask(xtrakit)
    assert (answered.status_code, answered.headers.get("Content-Type"), answered.content) == (
        status,
        media,
        body,
    )


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (None, "returned NoneType"),
        ((200,), "returned tuple"),
        ((99, {}), "returned a status that must be a whole number from 200 to 599"),
        ((204, {}), "returned a status that is 204, which has no body (RFC 9110, 15.3.5)"),
        ((200, {}, {"Content-Length": "1"}), "returned a headers that must not have content-length"),
        ({"a": {1}}, "returned a json that must be JSON"),
    ],
)
def test_what_it_may_not_return(returned: object, told: str) -> None:
    def answer(request: fakekit.StubRequest) -> object:
        return returned

    server = fakekit.FakeServer()
    xtrakit = server.start()
    xtrakit.respond("GET", "customers/*", callback=answer)
    answered = ask(xtrakit)
    with pytest.raises(AssertionError) as error:
        server.__exit__(None, None, None)
    assert answered.json() == {"status": 500, "error": "Internal Server Error"}
    assert answered.headers["Fakekit-Note"].startswith(
        f"the callback test_what_it_may_not_return.answer of a stub {told}"
    )
    assert "return a dict or list, text, bytes, (status, body) or (status, body, headers)" in str(error.value)


def test_a_function_is_listed_by_its_name_and_removed_like_any_other_stub(xtrakit: fakekit.Handle) -> None:
    def answer(request: fakekit.StubRequest) -> str:
        return "mine"

    number = xtrakit.respond("GET", "customers/*", callback=answer, times=5)
    (listed,) = xtrakit.faults
    name = "test_a_function_is_listed_by_its_name_and_removed_like_any_other_stub.answer"
    assert listed["callback"] == name
    assert xtrakit.about["unused"] == [listed]
    assert ask(xtrakit).text == ask(xtrakit).text == "mine"
    xtrakit.remove_fault(number)
    assert ask(xtrakit).status_code == 200
    xtrakit.respond("GET", "customers/*", callback=answer)
    xtrakit.clear_faults()
    assert ask(xtrakit).json()["status"] == 200


def test_a_function_that_waits_holds_up_nobody(xtrakit: fakekit.Handle) -> None:
    """Eight wait for the ninth, which would have no thread if they had those of lists."""
    arrived, go = threading.Semaphore(0), threading.Event()

    def wait(request: fakekit.StubRequest) -> str:
        arrived.release()
        assert go.wait(PATIENCE)
        return "late"

    xtrakit.respond("GET", "customers/7", callback=wait)
    xtrakit.respond("GET", "customers/8", callback=lambda request: ask(xtrakit, path="customers/9").text)
    waiting = [threading.Thread(target=ask, args=(xtrakit, "GET", "customers/7")) for _ in range(8)]
    for thread in waiting:
        thread.start()
    for _ in waiting:
        assert arrived.acquire(timeout=PATIENCE)
    assert ask(xtrakit, path="customers").status_code == 200
    assert ask(xtrakit, path="customers/8").json() == ask(xtrakit, path="customers/9").json()
    go.set()
    for thread in waiting:
        thread.join()


NEEDS = "callback: is a function of a test, which only a server in the same process can call"


def test_elsewhere_a_function_is_refused_with_what_to_do(xtrakit: fakekit.Handle) -> None:
    with pytest.raises(fakekit.FaultError) as told:
        fakekit.connect(xtrakit.origin).respond("GET", "*", callback=lambda request: {})
    assert str(told.value).startswith(NEEDS)
    assert "--fakekit-server thread" in str(told.value)


@pytest.mark.parametrize("fault", ['{"fault": "respond", "callback": "os.system"}', "respond=200,callback=x"])
def test_text_and_json_have_no_function(xtrakit: fakekit.Handle, fault: str) -> None:
    with pytest.raises(fakekit.FaultError) as told:
        xtrakit.add_fault(fault)
    assert "callback: is a function of a test, which only a server in the same process" in str(told.value)
    headers = {"Fakekit-Control": "1"}
    url = f"{xtrakit.origin}/_fakekit/accounts/fk_demo/stubs"
    answered = requests.post(url, json={"callback": "x"}, headers=headers, timeout=PATIENCE)
    assert (answered.status_code, answered.json()["error"]) == (422, "FaultError")


def test_a_function_and_a_body_exclude_each_other(xtrakit: fakekit.Handle) -> None:
    with pytest.raises(fakekit.FaultError, match="callback: must not be set together with json, text or"):
        xtrakit.respond("GET", "*", callback=lambda request: {}, json={})


@pytest.mark.slow
def test_a_test_whose_function_does_not_answer_fails_with_its_traceback(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program("callback_suite.py"))
    result = run(pytester)
    result.assert_outcomes(passed=2, failed=3)
    result.stdout.fnmatch_lines(
        [
            "fakekit: a callback of this test did not answer a request:",
            '  File "*", line 18, in divide',
            "    return 1 / len(request.content)",
            "ZeroDivisionError: division by zero",
            "   note      the callback test_raises.divide of a stub raised ZeroDivisionError",
            "fakekit: a callback of this test did not answer a request:",
            "Failed: not this one",
            "test_returns_nothing.<lambda>() returned NoneType; return a dict or list, text, bytes, (*",
        ]
    )


def test_functions_that_send_requests_themselves_do_not_wait_for_one_another(xtrakit: fakekit.Handle) -> None:
    everywhere = threading.Barrier(16)

    def answer(request: fakekit.StubRequest) -> object:
        everywhere.wait(PATIENCE)
        url = xtrakit.url("customers?customer_name=nobody")
        return {"status": requests.get(url, headers=xtrakit.headers, timeout=PATIENCE).status_code}

    xtrakit.respond("GET", "greetings/*", callback=answer)
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda n: ask(xtrakit, path=f"greetings/{n}"), range(16)))
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"status": 200})] * 16


@pytest.mark.parametrize("removal", ["clear_faults", "clear_stubs", "remove_fault", "reset", "close"])
def test_without_its_function_an_account_is_as_quick_as_before(removal: str) -> None:
    server = fakekit.FakeServer()
    with server:
        xtrakit = server.account("fk_mine")
        xtrakit.respond("GET", "customers/*", callback=lambda request: {})
        accounts = server._accounts.with_callbacks
        assert [account.key for account in accounts] == ["fk_mine"]
        if removal == "close":
            server.close_account("fk_mine")
        else:
            server.do(removal, key="fk_mine", **({"number": 1} if removal == "remove_fault" else {}))
        assert list(accounts) == []
